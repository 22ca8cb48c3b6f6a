// What a search's store gives back of what was put into it, by hand: of every store there is, and of SQLite's what only it can do.

import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Trial, TrialStore, TrialStores } from '../../src/core/search/index.js';
import { memoryTrialStores } from '../../src/platform/memory/trial-store.js';
import { SqliteTrialStore } from '../../src/platform/node/sqlite-trial-store.js';
import { parseGenotype } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { smallTrial as trial } from './small-trial.js';

const genotype = parseGenotype('[[9],[[0,1]]]');

let file: string;
let stores: TrialStores;
let store: TrialStore;
const openIn = (kind: TrialStores): void => {
  beforeEach(async () => {
    file = path.join(await temporaryFolder(), 'search.db');
    stores = kind;
    store = stores.open(file);
  });
  afterEach(() => store.close());
};

const propose = (index: number, more: { logProbability?: number; ticket?: { halving: { epoch: number; threshold: null }[] } } = {}): void =>
  store.propose({ index, genotype, key: `key ${index}`, ...more });
/** In the order in which they come. */
function finish(...trials: readonly Trial[]): void {
  for (const one of trials) {
    propose(one.index);
    store.finish(one, {}, { after: one.index }, undefined);
  }
}

const finishFour = (): void =>
  finish(trial(2, 0.5), trial(1, 0.75), trial(3, 0.75, { reusedFrom: '1' }), trial(4, 0.9, { error: 'no', reward: 0 }));

describe.each([
  ['SQLite', SqliteTrialStore],
  ['memory', memoryTrialStores()],
] as const)('in %s', (_, kind) => {
  openIn(kind);

  describe('going on', () => {
    test('nothing, then the state before the first proposal, then that after the last result', () => {
      expect(store.resume()).toBeUndefined();
      store.begin({ at: 'first' }, { halving: [[]] });
      store.begin({ at: 'again' }, undefined);
      expect(store.resume()).toEqual({ policy: { at: 'first' }, stop: { halving: [[]] }, pending: [] });
      propose(1);
      store.finish(trial(1, 0.5), {}, { at: 'after 1' }, undefined);
      expect(store.resume()).toEqual({ policy: { at: 'after 1' }, stop: undefined, pending: [] });
    });

    test('what was proposed before the last state is evaluated again as it was, what was proposed after it is forgotten', () => {
      store.begin({}, undefined);
      const ticket = { halving: [{ epoch: 1, threshold: null }] };
      propose(1);
      propose(2, { logProbability: -1.5, ticket });
      store.finish(trial(1, 0.5), {}, {}, undefined);
      propose(3);
      expect(store.resume()?.pending).toEqual([{ index: 2, genotype, key: 'key 2', logProbability: -1.5, ticket }]);
      expect(store.proposal(3)).toBeUndefined();
      expect(store.proposal(2)).toMatchObject({ index: 2, logProbability: -1.5 });
      // In another session as in this one.
      store.close();
      store = stores.open(file);
      expect(store.resume()?.pending.map(({ index }) => index)).toEqual([2]);
      propose(3);
      store.finish(trial(2, 0.1), {}, {}, undefined);
      expect(store.resume()?.pending.map(({ index }) => index)).toEqual([3]);
    });

    test('a trial finishes once: what comes again changes nothing', () => {
      store.begin({}, undefined);
      propose(1);
      expect(store.finish(trial(1, 0.5), { worker: 'a' }, { n: 1 }, undefined)).toBe(true);
      expect(store.finish(trial(1, 0.9), { worker: 'b' }, { n: 2 }, undefined)).toBe(false);
      expect(store.finish(trial(2, 0.9), {}, { n: 2 }, undefined)).toBe(false);
      expect(store.trials().map(({ reward }) => reward)).toEqual([0.5]);
      expect(store.resume()?.policy).toEqual({ n: 1 });
    });
  });

  describe('what is asked of finished trials', () => {
    beforeEach(finishFour);

    test('by index, one by one, and as they came', () => {
      expect(store.trials().map(({ index }) => index)).toEqual([1, 2, 3, 4]);
      expect(store.trial(2)).toEqual(trial(2, 0.5));
      propose(5);
      expect(store.trial(5)).toBeUndefined();
      expect(store.finishedCount()).toBe(4);
      expect(store.finishedSince(0).map(({ observed, trial: { index } }) => [observed, index])).toEqual([
        [1, 2],
        [2, 1],
        [3, 3],
        [4, 4],
      ]);
      expect(store.finishedSince(2).map(({ trial: { index } }) => index)).toEqual([3, 4]);
    });

    test('the best: the first of equal ones, never one that failed; of those trained here where that is asked', () => {
      expect(store.bestReward()).toBe(0.75);
      expect(store.bestIndex()).toEqual({ index: 1, reward: 0.75 });
      finish(trial(6, 0.8, { reusedFrom: 'other#3' }), trial(7, 0.95, { error: 'diverged' }));
      expect(store.bestIndex()).toEqual({ index: 6, reward: 0.8 });
      expect(store.bestIndex(true)).toEqual({ index: 1, reward: 0.75 });
    });

    test('rewards and figures', () => {
      expect(store.rewardsAt([1, 4, 2])).toEqual([0.5, 0, 0.75]);
      expect(store.row(3)).toMatchObject({ idx: 3, observed: 3, reward: 0.75, genotype: '[[9],[[0,1]]]' });
      expect(store.row(9)).toBeUndefined();
      const figures = store.figuresSince(1, 2, 'meanIoU');
      expect(figures).toEqual([
        expect.objectContaining({
          index: 1,
          observed: 2,
          reward: 0.75,
          parameters: 10,
          multiplyAdds: 100,
          stage: 1,
          entropy: 0.5,
          latency: Number.NaN,
        }),
        expect.objectContaining({ index: 3, observed: 3, failed: false, reused: true, seconds: 2, metric: 0.75 }),
      ]);
      expect(store.figuresSince(3, 9)).toEqual([expect.objectContaining({ index: 4, failed: true, reused: false })]);
    });
  });

  test('too few to say how many an hour', () => {
    expect(store.perHour()).toBeNull();
    finish(trial(1, 0.5));
    expect(store.perHour()).toBeNull();
    expect([store.bestReward(), store.bestIndex()]).toEqual([0.5, { index: 1, reward: 0.5 }]);
  });

  test('beside the record: epochs without what is not finite, counts, pictures, who did it, how many were refused', () => {
    propose(1);
    const breakdown = { kind: 'confusion', counts: [1, 2, 3, 4] } as const;
    const epochs = [
      { stage: 2, epoch: 1, loss: 0.25 },
      { stage: 1, epoch: 2, loss: Number.NaN },
      { stage: 1, epoch: 1, loss: 0.5 },
    ];
    const pictures = [
      { image: 7, score: 0.75, picture: Uint8Array.of(1, 2) },
      { image: 2, score: 0.25, picture: Uint8Array.of(3) },
    ];
    store.finish(trial(1, 0.5), { epochs, breakdown, pictures, worker: 'host:7', refused: 12 }, {}, undefined);
    expect(store.epochs(1)).toEqual([
      { stage: 1, epoch: 1, loss: 0.5 },
      { stage: 2, epoch: 1, loss: 0.25 },
    ]);
    expect(store.epochs(2)).toEqual([]);
    expect(store.breakdown(1)).toEqual(breakdown);
    expect(store.breakdown(2)).toBeUndefined();
    expect([7, 2, 1].map((image) => store.picture(1, image)?.length)).toEqual([2, 1, undefined]);
    expect(store.pictures(1)).toEqual(pictures.map(({ image, score }) => ({ image, score })));
    expect(store.pictures(2)).toEqual([]);
    expect(store.finishedSince(0)[0]?.worker).toBe('host:7');
    expect(store.get('refused')).toBe('12');
    store.keepPhoto(1, { jpeg: Uint8Array.of(9), truth: Uint8Array.of(8, 8) });
    expect([store.photo(1)?.truth.length, store.photo(0)]).toEqual([2, undefined]);
  });

  test('events, in order; how often one befell a trial; the last of them', () => {
    store.note('lost', 1, 'killed');
    store.note('lost', 2);
    store.note('lost', 1);
    store.note('said');
    expect(store.events().map(({ kind, trial: of, detail }) => [kind, of, detail])).toEqual([
      ['lost', 1, 'killed'],
      ['lost', 2, null],
      ['lost', 1, null],
      ['said', null, null],
    ]);
    expect([store.eventCount('lost', 1), store.eventCount('lost', 3), store.eventCount('said', 1)]).toEqual([2, 0, 0]);
    expect(store.lastEvents(2).map(({ kind }) => kind)).toEqual(['lost', 'said']);
  });
});

describe('in SQLite', () => {
  openIn(SqliteTrialStore);

  /** Whatever SQL says, beside the store. */
  function damage(sql: string): void {
    const db = new Database(file);
    db.prepare(sql).run();
    db.close();
  }

  test('the last three states are kept', () => {
    store.begin({}, undefined);
    finish(trial(1, 0), trial(2, 0), trial(3, 0), trial(4, 0));
    const db = new Database(file, { readonly: true });
    expect(db.prepare('SELECT policy FROM snapshots ORDER BY id').pluck().all()).toEqual(['{"after":2}', '{"after":3}', '{"after":4}']);
    db.close();
  });

  describe('of four trials', () => {
    beforeEach(finishFour);

    test('how many an hour: by the clock, over the last twenty gaps', () => {
      const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
      damage(
        `UPDATE trials SET finished = CASE observed WHEN 1 THEN '${at(0)}' WHEN 2 THEN '${at(10)}' WHEN 3 THEN '${at(20)}' ELSE '${at(30)}' END`,
      );
      expect(store.perHour()).toBe(6);
      finish(...Array.from({ length: 18 }, (_, k) => trial(10 + k, 0.1)));
      // Of 22 the first is too old: from the second, at 10, to the last, at 110, there are twenty gaps.
      damage(`UPDATE trials SET finished = '${at(110)}' WHERE observed > 4`);
      expect(store.perHour()).toBe(12);
    });

    test('a record of another form is named with its place; the others are read', () => {
      damage("UPDATE trials SET record = json_set(record, '$.stage', 'two') WHERE idx = 2");
      expect(() => store.trials()).toThrow(
        /search\.db: the record of trial 2 is not of this version's form \(stage: .*\); the dashboard shows/,
      );
      expect(store.trial(1)?.reward).toBe(0.75);
      damage("UPDATE trials SET record = '{' WHERE idx = 1");
      expect(() => store.trial(1)).toThrow(/the record of trial 1 is not of this version's form \(JSON: /);
    });

    test('one that cannot be read is one that failed, is never the best, and hides none of the others', () => {
      damage("UPDATE trials SET record = '{' WHERE idx = 1");
      expect(store.figuresSince(0, 9).map(({ index, failed }) => [index, failed])).toEqual([
        [2, false],
        [1, true],
        [3, false],
        [4, true],
      ]);
      expect(store.bestIndex()).toEqual({ index: 3, reward: 0.75 });
    });
  });

  test('a database of another format, or none of ours, is refused by name; one that is looked at is not changed', async () => {
    const id = store.id();
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(store.check()).toBe('ok');
    expect(store.folder).toBe(path.dirname(file));
    store.set('a', '1');
    store.set('a', '2');
    const looking = SqliteTrialStore.open(file, { readonly: true });
    expect([looking.get('a'), looking.get('b'), looking.id()]).toEqual(['2', undefined, id]);
    expect(() => looking.set('a', '3')).toThrow(/readonly/);
    looking.close();
    damage("UPDATE meta SET value = '2' WHERE key = 'format'");
    expect(() => SqliteTrialStore.open(file)).toThrow(
      `${file}: cannot be opened as the database of a search (it has format 2, this version reads 1)`,
    );
    expect(() => SqliteTrialStore.open(path.join(path.dirname(file), 'none.db'), { readonly: true })).toThrow(/none\.db: cannot be opened/);
  });
});

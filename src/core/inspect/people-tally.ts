// People, added up: who shows which joint.

import { type Finding, FindingList, type PersonSample } from '../data/index.js';
import { type JointsCard, type SplitName, splitNames } from './data-card.js';

export class PeopleTally {
  readonly #joints: readonly string[];
  readonly #visible = { train: new Map<number, number>(), val: new Map<number, number>() };
  readonly #people = { train: 0, val: 0 };

  constructor(joints: readonly string[]) {
    this.#joints = joints;
  }

  add(split: SplitName, { person }: PersonSample): void {
    this.#people[split]++;
    for (let k = 0; k < this.#joints.length; k++)
      if ((person.joints[3 * k + 2] ?? 0) > 0) this.#visible[split].set(k, (this.#visible[split].get(k) ?? 0) + 1);
  }

  card(): JointsCard {
    const joints = this.#joints.map((name, k) => ({
      name,
      train: this.#visible.train.get(k) ?? 0,
      val: this.#visible.val.get(k) ?? 0,
    }));
    return { kind: 'joints', joints };
  }

  findings(): Finding[] {
    const findings = new FindingList();
    for (const { name, ...shown } of this.card().joints)
      for (const split of splitNames)
        if (this.#people[split] > 0 && shown[split] === 0)
          findings.add({
            grade: 'warning',
            code: 'joint-never-visible',
            cause: `nobody in the ${split === 'train' ? 'training' : 'validation'} list shows the joint "${name}": it ${split === 'train' ? 'cannot be learnt' : 'is not measured'}`,
            remedy: 'take it out of data.joints in the preset, or add people who show it',
          });
    return findings.list();
  }
}

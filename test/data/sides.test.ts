import { describe, expect, test } from 'vitest';
import { mirrorOrder, mpiiJoints, sideOf, sidePairs, unpairedSides } from '../../src/core/data/index.js';
import { parsePreset } from '../../src/core/preset/index.js';
import { sideFindings } from '../../src/core/preset/side-findings.js';
import { measurablePose, mirroredChannels, oksSigmas } from '../../src/core/task/index.js';
import { demoPreset } from '../preset/demo-preset.js';

describe('sides by name', () => {
  test.each([
    ['left_knee', 'right_knee'],
    ['Left Knee', 'Right Knee'],
    ['LEFT_KNEE', 'RIGHT_KNEE'],
    ['knee-left', 'knee-right'],
    ['leftKnee', 'rightKnee'],
    ['leftknee', 'rightknee'],
    ['kneeLeft', 'kneeRight'],
    ['left_hand_2', 'right_hand_2'],
    ['l_knee', 'r_knee'],
    ['L_Knee', 'R_Knee'],
    ['Knee_L', 'Knee_R'],
    ['knee.l', 'knee.r'],
    ['LKnee', 'RKnee'],
    ['lKnee', 'rKnee'],
    ['kneeL', 'kneeR'],
    ['L Knee', 'R Knee'],
    ['LBigToe', 'RBigToe'],
    ['lsho', 'rsho'],
    ['LANK', 'RANK'],
    ['L', 'R'],
    ['L_F_Paw', 'R_F_Paw'],
    ['L1', 'R1'],
    ['linkes Knie', 'rechtes Knie'],
    ['左膝', '右膝'],
  ])('%s and %s', (left, right) => {
    expect(sidePairs(['nose', left, 'tail', right])).toEqual([[1, 3]]);
    expect(sidePairs([right, 'nose', left])).toEqual([[2, 0]]);
    expect([sideOf(left), sideOf(right)]).toEqual(['left', 'right']);
    // The other way round too: an order that is its own inverse.
    const order = mirrorOrder([right, 'nose', left]);
    expect(order.map((k) => order[k])).toEqual([0, 1, 2]);
  });

  test.each([
    [['lip', 'rip']],
    [['collar', 'corral']],
    [['lock', 'rock']],
    [['lane', 'road', 'lamp', 'ramp']],
    [['upper_left', 'lower_right']],
    [['left_eye', 'right_ear']],
    [['left_eye', 'r_eye']],
    [['Lamp', 'Ramp']],
    [['plant', 'prant']],
  ])('%j are no pair', (names) => {
    expect(sidePairs(names)).toEqual([]);
    expect(mirrorOrder(names)).toEqual(names.map((_, k) => k));
  });

  test('front and rear paws, left and right: the side changes, the rest does not', () => {
    const names = ['L_F_Paw', 'R_F_Paw', 'L_R_Paw', 'R_R_Paw'];
    expect(mirrorOrder(names)).toEqual([1, 0, 3, 2]);
  });

  test('two spellings at once: each goes with its own', () => {
    expect(mirrorOrder(['left_eye', 'l_eye', 'r_eye', 'right_eye'])).toEqual([3, 2, 1, 0]);
  });

  test('MPII: ten of sixteen change places', () => {
    const order = mirrorOrder(mpiiJoints);
    expect(order).toEqual([5, 4, 3, 2, 1, 0, 6, 7, 8, 9, 15, 14, 13, 12, 11, 10]);
  });

  test('who says a side and has no counterpart', () => {
    const lone = (names: readonly string[]): string[] => unpairedSides(names, sidePairs(names));
    expect(lone(['left_tail', 'nose', 'left_eye', 'right_eye', 'Hip_L'])).toEqual(['left_tail', 'Hip_L']);
    // Neither a vertebra, nor a lower lip beside an upper one, nor a rear wheel beside a front one, nor words that begin so.
    expect(lone(['L5', 'u_lip', 'l_lip', 'f_wheel', 'r_wheel', 'leftover', 'copyright', 'lip', 'road'])).toEqual([]);
    expect(unpairedSides(['left_eye', 'right_eye'], [])).toEqual(['left_eye', 'right_eye']);
  });

  test("COCO's figures and the torso are found under other spellings of its joints", () => {
    expect(oksSigmas(['LEye', 'Hip_R', 'nose'])).toEqual([0.025, 0.107, 0.026]);
    expect(measurablePose({ joints: ['Shoulder_L', 'Hip_R'] }, false)).toEqual(['pck', 'pckBox', 'oksAP']);
    expect(measurablePose({ joints: ['tip', 'corner'] }, false)).toEqual(['pckBox']);
    expect(measurablePose({ joints: ['tip', 'corner'], sigmas: [0.1, 0.1] }, false)).toEqual(['pckBox', 'oksAP']);
  });
});

describe('sides of a preset', () => {
  const named = (classes: string, more = '', mirror = true) =>
    parsePreset(
      demoPreset({
        data: `data: { classes: [${classes}], ignore: 255, metaTrainShare: 0.75${more} }`,
        mirror: `mirror: ${mirror}`,
      }),
      'mine.yaml',
    );
  const findingsOf = (classes: readonly string[], pairs = sidePairs(classes), mirror = true) =>
    sideFindings(named(classes.join(', '), '', mirror), classes, pairs);

  test('which pairs were found is a note, a side without one a warning, and nothing is said where nothing is mirrored', () => {
    const classes = ['sky', 'left_arm', 'right_arm', 'left_lane'];
    expect(findingsOf(classes)).toMatchObject([
      { grade: 'warning', code: 'sides-without-pair', count: 1, cause: expect.stringMatching(/^left_lane: the name says a side without/) },
      { grade: 'note', code: 'mirrored-pairs', count: 1, cause: expect.stringMatching(/left_arm and right_arm$/) },
    ]);
    expect(findingsOf(classes, sidePairs(classes), false)).toEqual([]);
    expect(findingsOf(['sky', 'road'])).toEqual([]);
    expect(findingsOf(['Arm_L', 'Bein_R'])).toMatchObject([
      { grade: 'warning', count: 2, cause: expect.stringMatching(/^Arm_L, Bein_R: the names say sides/) },
    ]);
  });

  test('pairs that the preset names are checked', () => {
    expect(named('sky, hither, yon', ', mirrorPairs: [[hither, yon]]').data).toMatchObject({ mirrorPairs: [['hither', 'yon']] });
    expect(() => named('sky, hither', ', mirrorPairs: [[hither, yon]]')).toThrow('data.mirrorPairs: "yon" is not in data.classes');
    expect(() => named('a, b, c', ', mirrorPairs: [[a, b], [b, c]]')).toThrow('data.mirrorPairs: "b" stands there twice');
    expect(() => named('a, b, c', ', mirrorPairs: [[a, a]]')).toThrow('data.mirrorPairs: "a" stands there twice');
  });

  test('a model says which of its channels change places; an earlier one by its names', () => {
    const classes = ['sky', 'left_arm', 'right_arm'];
    expect(mirroredChannels({ task: 'segmentation', classes })).toEqual([0, 2, 1]);
    expect(mirroredChannels({ task: 'segmentation', classes, mirrorPairs: [[0, 2]] })).toEqual([2, 1, 0]);
    expect(mirroredChannels({ task: 'segmentation', classes, mirrorPairs: [] })).toEqual([0, 1, 2]);
    expect(mirroredChannels({ task: 'depth', minDepth: 1, maxDepth: 2, unit: 'metre' })).toEqual([0]);
  });
});

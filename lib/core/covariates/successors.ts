/**
 * States of today that geography of an earlier time knows only as part of another: a list that has Serbia and Montenegro (YUG or SCG)
 * and no Serbia speaks for Serbia too.
 */
export const PART_OF: Readonly<Record<string, readonly string[]>> = {
  SRB: ['SCG', 'YUG'],
  MNE: ['SCG', 'YUG'],
  SSD: ['SDN'],
  CUW: ['ANT'],
  SXM: ['ANT'],
  BES: ['ANT'],
};

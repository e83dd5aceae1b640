/** What makes an opportunity less than it looks. */
export const FLAGS = ['lumpy', 'passedOn', 'oneYear'] as const;
export type Flag = (typeof FLAGS)[number];

/**
 * Goods of which one shipment makes a year: crude oil, fuels and gas (2709–2716), gold, diamonds and other precious things (7102–7118), aircraft (88),
 * ships (89), art (97), and what is not specified (99).
 */
const LUMPY = /^(27(09|1[0-6])|71(0[2-9]|1[0-8])|88|89|97|99)/;
const LUMPY_CHAPTER = /^(27|71)$/;

/** Whether a product is traded in few large pieces; a chapter counts when most of it is. */
export const isLumpy = (code: string): boolean => LUMPY.test(code) || LUMPY_CHAPTER.test(code);

/** From this share on, what an importer sells of a product again says that it may not be where it is used. */
const PASSED_ON = 0.5;

/**
 * Whether an importer sells so much of what it buys that it may be a place of passage.
 *
 *     x_jk / v_jk ≥ ½        x_jk: what importer j sells of product k to the world
 */
export const isPassedOn = (sold: number, bought: number): boolean => bought > 0 && sold / bought >= PASSED_ON;

/** The flags that hold as bits, 1 << position in FLAGS. */
export const bitsWhere = (holds: Readonly<Record<Flag, boolean>>): number =>
  FLAGS.reduce((bits, flag, at) => (holds[flag] ? bits | (1 << at) : bits), 0);

/** A list of flags as bits. */
export const flagBits = (flags: readonly Flag[]): number =>
  FLAGS.reduce((bits, flag, at) => bits | (flags.includes(flag) ? 1 << at : 0), 0);

export const flagsIn = (bits: number): Flag[] => FLAGS.filter((_, at) => bits & (1 << at));

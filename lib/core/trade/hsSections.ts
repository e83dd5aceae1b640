/** The last chapter (first two digits) of each section of the Harmonized System, I to XXI. */
const LAST_CHAPTER = [5, 14, 15, 24, 27, 38, 40, 43, 46, 49, 63, 67, 70, 71, 83, 85, 89, 92, 93, 96, 99];

/** How many sections the Harmonized System has. */
export const HS_SECTIONS = LAST_CHAPTER.length;

/**
 * The section of the Harmonized System that a product is in: 1 (live animals, animal products) to 21 (works of art and the rest).
 *
 * @param product HS code of any length from two digits on: '0603', '271019'
 * @throws RangeError for codes that begin with no chapter, 01 to 99
 * @source World Customs Organization, Harmonized System Nomenclature, table of contents
 */
export function hsSection(product: string): number {
  const chapter = /^\d{2}/.test(product) ? Number(product.slice(0, 2)) : 0;
  const at = chapter > 0 ? LAST_CHAPTER.findIndex((last) => chapter <= last) : -1;
  if (at < 0) throw new RangeError(`product ${product}: expected an HS code that begins with a chapter, 01 to 99`);
  return at + 1;
}

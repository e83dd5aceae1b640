/**
 * The variables that a function was deployed with. Throws at start, naming each missing one, so that a wrong template fails at its first
 * invocation and not in the middle of the work.
 */
export function environment<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`missing environment: ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as Record<Name, string>;
}

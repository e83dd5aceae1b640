/**
 * Turns a module in folded WebAssembly text into its binary form: the small subset that the numerical kernels are written in.
 *
 *     (module (func (export "name") (param $x i32) … (result f64) (local $i i32) … body))
 *
 * The body holds folded instructions of the table below; `block` and `loop` are named and return nothing. The module imports one
 * memory, `env.memory`. Comments run from `;;` to the end of the line.
 *
 * @returns the bytes of the module. Throws RangeError naming the word it does not know.
 * @source WebAssembly Core Specification 2.0, chapters 5 (binary format) and 6 (text format)
 */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const [kind, ...fields] = parse(text);
  if (kind !== 'module') throw new RangeError(`assemble: ${String(kind)}, expected module`);
  const functions = fields.map(assembleFunction);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, vector(functions.map(({ type }) => type))),
    ...section(2, vector([[...string('env'), ...string('memory'), 0x02, 0x00, 0x01]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(functions.map(({ name }, index) => [...string(name), 0x00, ...unsigned(index)]))),
    ...section(10, vector(functions.map(({ code }) => [...unsigned(code.length), ...code]))),
  ]);
}

/** What follows an instruction's name before its operands. */
type Immediate = 'none' | 'local' | 'label' | 'integer' | 'lane' | 'body' | { align: number };

const INSTRUCTIONS: Readonly<Record<string, readonly [opcode: readonly number[], immediate: Immediate]>> = {
  block: [[0x02], 'body'],
  loop: [[0x03], 'body'],
  br: [[0x0c], 'label'],
  br_if: [[0x0d], 'label'],
  'local.get': [[0x20], 'local'],
  'local.set': [[0x21], 'local'],
  'local.tee': [[0x22], 'local'],
  'i32.load': [[0x28], { align: 2 }],
  'f32.load': [[0x2a], { align: 2 }],
  'f64.load': [[0x2b], { align: 3 }],
  'i32.load8_u': [[0x2d], { align: 0 }],
  'f64.store': [[0x39], { align: 3 }],
  'i32.const': [[0x41], 'integer'],
  'i32.lt_u': [[0x49], 'none'],
  'i32.ge_u': [[0x4f], 'none'],
  'f32.lt': [[0x5d], 'none'],
  'i32.add': [[0x6a], 'none'],
  'i32.mul': [[0x6c], 'none'],
  'i32.shl': [[0x74], 'none'],
  'i32.shr_u': [[0x76], 'none'],
  'f64.add': [[0xa0], 'none'],
  'f64.div': [[0xa3], 'none'],
  'v128.load': [[0xfd, 0x00], { align: 4 }],
  'v128.load64_splat': [[0xfd, 0x0a], { align: 3 }],
  'v128.store': [[0xfd, 0x0b], { align: 4 }],
  'v128.or': [[0xfd, 0x50], 'none'],
  'v128.any_true': [[0xfd, 0x53], 'none'],
  'f32x4.add': [[0xfd, 0xe4, 0x01], 'none'],
  'f32x4.mul': [[0xfd, 0xe6, 0x01], 'none'],
  'f64x2.splat': [[0xfd, 0x14], 'none'],
  'f64x2.extract_lane': [[0xfd, 0x21], 'lane'],
  'f64x2.add': [[0xfd, 0xf0, 0x01], 'none'],
  'f64x2.sub': [[0xfd, 0xf1, 0x01], 'none'],
  'f64x2.mul': [[0xfd, 0xf2, 0x01], 'none'],
};

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const NO_RESULT = 0x40;
const END = 0x0b;

type Expression = string | Expression[];

/** Reads one parenthesised expression. */
function parse(text: string): Expression[] {
  const tokens = text.replace(/;;.*/g, '').match(/[()]|"[^"]*"|[^\s()]+/g) ?? [];
  let at = 0;
  const list = (): Expression[] => {
    const items: Expression[] = [];
    for (;;) {
      const token = tokens[at++];
      if (token === undefined) throw new RangeError('assemble: the text ends inside a parenthesis');
      if (token === ')') return items;
      items.push(token === '(' ? list() : token);
    }
  };
  at = 1;
  return list();
}

/** One function: its exported name, the bytes of its type and of its code. */
function assembleFunction(field: Expression): { name: string; type: number[]; code: number[] } {
  const [, ...parts] = field as Expression[];
  let name = '';
  const params: string[] = [];
  const locals: string[] = [];
  const paramTypes: number[] = [];
  const localTypes: number[] = [];
  const results: number[] = [];
  const body: Expression[] = [];
  for (const part of parts as Expression[][]) {
    const words = part.slice(1) as string[];
    if (part[0] === 'export') name = words[0]!.slice(1, -1);
    else if (part[0] === 'param') declare(words, params, paramTypes);
    else if (part[0] === 'local') declare(words, locals, localTypes);
    else if (part[0] === 'result') results.push(known(TYPES, words[0]!));
    else body.push(part);
  }
  const slots = [...params, ...locals];
  const code = [
    ...vector(localTypes.map((type) => [1, type])),
    ...body.flatMap((expression) => assembleInstruction(expression, slots, [])),
    END,
  ];
  const type = [0x60, ...vector(paramTypes.map((each) => [each])), ...vector(results.map((each) => [each]))];
  return { name, type, code };
}

/** `$a $b v128`: names first, their common type last. */
function declare(words: readonly string[], names: string[], types: number[]) {
  for (const word of words.slice(0, -1)) {
    names.push(word);
    types.push(known(TYPES, words.at(-1)!));
  }
}

/** Operands first, then the instruction with its immediates: folded text read inside out is the stack order. */
function assembleInstruction(expression: Expression, slots: readonly string[], labels: readonly string[]): number[] {
  const [name, ...rest] = expression as [string, ...Expression[]];
  const [opcode, immediate] = known(INSTRUCTIONS, name);
  const operands = (from: number) => rest.slice(from).flatMap((each) => assembleInstruction(each, slots, labels));
  if (immediate === 'none') return [...operands(0), ...opcode];
  if (immediate === 'body') {
    const inside = [rest[0] as string, ...labels];
    const body = rest.slice(1).flatMap((each) => assembleInstruction(each, slots, inside));
    return [...opcode, NO_RESULT, ...body, END];
  }
  if (immediate === 'local') return [...operands(1), ...opcode, ...unsigned(position(slots, rest[0]))];
  if (immediate === 'label') return [...operands(1), ...opcode, ...unsigned(position(labels, rest[0]))];
  if (immediate === 'integer') return [...opcode, ...signed(Number(rest[0]))];
  if (immediate === 'lane') return [...operands(1), ...opcode, Number(rest[0])];
  const offset = /^offset=(\d+)$/.exec(typeof rest[0] === 'string' ? rest[0] : '');
  return [...operands(offset ? 1 : 0), ...opcode, immediate.align, ...unsigned(offset ? Number(offset[1]) : 0)];
}

function known<Value>(table: Readonly<Record<string, Value>>, word: string): Value {
  const value = table[word];
  if (value === undefined) throw new RangeError(`assemble: ${word} is not in the subset`);
  return value;
}

function position(names: readonly string[], name: Expression | undefined): number {
  const at = names.indexOf(String(name));
  if (at < 0) throw new RangeError(`assemble: ${String(name)} is not declared`);
  return at;
}

const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];
const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const string = (text: string) => [...unsigned(text.length), ...new TextEncoder().encode(text)];

/** LEB128: seven bits a byte, lowest first, the high bit says that more follow. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signed(rest)];
}

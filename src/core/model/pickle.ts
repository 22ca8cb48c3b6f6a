// Python's pickle format, protocols 2 to 5 (https://github.com/python/cpython/blob/main/Lib/pickletools.py), read as
// data: nothing that a pickle asks to be called is called. What it would build by a call is kept as a description of
// that call.

export interface PickleGlobal {
  readonly kind: 'global';
  /** `module.name` */
  readonly name: string;
}

/** A dictionary, or a set, whose values are then `true`. Pairs in order: a table of a stranger's keys can be made slow. */
export interface PickleDictionary {
  readonly kind: 'dictionary';
  readonly items: (readonly [PickleValue, PickleValue])[];
}

/** What Python would make by calling `callee`. */
export interface PickleCall {
  readonly kind: 'call';
  readonly callee: PickleValue;
  readonly args: PickleValue;
  /** What was set on the result as on a dictionary. */
  readonly items: (readonly [PickleValue, PickleValue])[];
}

/** Something kept outside of the pickle. */
export interface PicklePersistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleDictionary
  | PickleGlobal
  | PickleCall
  | PicklePersistent;

/** The pickle is damaged, or of a kind that weights don't need. */
export class PickleError extends Error {
  override readonly name = 'PickleError';
}

/** Values in all: a state dictionary has some ten thousand. A byte can ask for an object of a hundred. */
const mostValues = 1_000_000;

const mark = Symbol('mark');
type StackEntry = PickleValue | typeof mark;

/** Reads one pickle. @returns its value and the position behind it */
export function readPickle(bytes: Uint8Array, start = 0): { readonly value: PickleValue; readonly end: number } {
  return new Unpickler(bytes, start).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: StackEntry[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #made = 0;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const opcode = this.#byte();
      // '.': the end
      if (opcode === 0x2e) return { value: this.#pop(), end: this.#at };
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        this.#byte();
        return;
      case 0x95: // FRAME
        this.#take(8);
        return;
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#skip(4), true));
      case 0x4b: // BININT1
        return this.#push(this.#byte());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#skip(2), true));
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#byte()));
      case 0x8b: // LONG4
        return this.#push(this.#long(this.#length4()));
      case 0x47: // BINFLOAT
        return this.#push(this.#view.getFloat64(this.#skip(8), false));
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#length4()));
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#text(this.#byte()));
      case 0x8d: // BINUNICODE8
        return this.#push(this.#text(this.#length8()));
      case 0x54: // BINSTRING
        return this.#push(this.#text(this.#length4()));
      case 0x55: // SHORT_BINSTRING
        return this.#push(this.#text(this.#byte()));
      case 0x42: // BINBYTES
        return this.#push(this.#take(this.#length4()));
      case 0x43: // SHORT_BINBYTES
        return this.#push(this.#take(this.#byte()));
      case 0x8e: // BINBYTES8
        return this.#push(this.#take(this.#length8()));
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.#push([]);
      case 0x7d: // EMPTY_DICT
      case 0x8f: // EMPTY_SET
        return this.#push({ kind: 'dictionary', items: [] });
      case 0x28: // MARK
        this.#count();
        this.#stack.push(mark);
        return;
      case 0x30: // POP
        this.#stack.pop();
        return;
      case 0x31: // POP_MARK
        this.#toMark();
        return;
      case 0x32: // DUP
        return this.#push(this.#top());
      case 0x61: {
        // APPEND
        const value = this.#pop();
        this.#list().push(value);
        return;
      }
      case 0x65: {
        // APPENDS
        const values = this.#toMark();
        const list = this.#list();
        for (const value of values) list.push(value);
        return;
      }
      case 0x73: {
        // SETITEM
        const [value, key] = [this.#pop(), this.#pop()];
        this.#items().push([key, value]);
        return;
      }
      case 0x75: {
        // SETITEMS
        const pairs = this.#toMark();
        addPairs(this.#items(), pairs);
        return;
      }
      case 0x90: {
        // ADDITEMS
        const values = this.#toMark();
        const items = this.#items();
        for (const value of values) items.push([value, true]);
        return;
      }
      case 0x74: // TUPLE
      case 0x6c: // LIST
        return this.#push(this.#toMark());
      case 0x64: {
        // DICT
        const pairs = this.#toMark();
        const items: (readonly [PickleValue, PickleValue])[] = [];
        addPairs(items, pairs);
        return this.#push({ kind: 'dictionary', items });
      }
      case 0x85: // TUPLE1
        return this.#push([this.#pop()]);
      case 0x86: // TUPLE2
        return this.#push([this.#pop(), this.#pop()].reverse());
      case 0x87: // TUPLE3
        return this.#push([this.#pop(), this.#pop(), this.#pop()].reverse());
      case 0x71: // BINPUT
        return this.#remember(this.#byte());
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#length4());
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x68: // BINGET
        return this.#recall(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#length4());
      case 0x63: // GLOBAL
        return this.#push({ kind: 'global', name: `${this.#line()}.${this.#line()}` });
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [this.#pop(), this.#pop()];
        if (typeof name !== 'string' || typeof module !== 'string') throw this.#damaged('a name that is no text');
        return this.#push({ kind: 'global', name: `${module}.${name}` });
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [args, callee] = [this.#pop(), this.#pop()];
        return this.#push({ kind: 'call', callee, args, items: [] });
      }
      case 0x62: // BUILD: attributes of an object, of no interest
        this.#pop();
        return;
      case 0x51: // BINPERSID
        return this.#push({ kind: 'persistent', id: this.#pop() });
      default:
        throw this.#damaged(`opcode 0x${opcode.toString(16)}`);
    }
  }

  #damaged(what: string): PickleError {
    return new PickleError(`${what} at byte ${this.#at}`);
  }

  #skip(count: number): number {
    const at = this.#at;
    if (count < 0 || at + count > this.#bytes.length) throw this.#damaged('the data ends too early');
    this.#at = at + count;
    return at;
  }

  #take(count: number): Uint8Array {
    const at = this.#skip(count);
    return this.#bytes.subarray(at, at + count);
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)] ?? 0;
  }

  #length4(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  #length8(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  #text(length: number): string {
    return new TextDecoder().decode(this.#take(length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#damaged('a line without an end');
    const text = this.#text(end - this.#at);
    this.#skip(1);
    return text;
  }

  /** Two's complement, little-endian. */
  #long(length: number): number | bigint {
    const bytes = this.#take(length);
    if (length > 64) throw this.#damaged(`a number of ${length} bytes`);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    if (length > 0 && (bytes[length - 1] ?? 0) >= 128) value -= 1n << BigInt(8 * length);
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }

  #push(value: PickleValue): void {
    this.#count();
    this.#stack.push(value);
  }

  #count(): void {
    this.#made++;
    if (this.#made > mostValues) throw this.#damaged(`more than ${mostValues} values, where a state dictionary has some thousands,`);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw this.#damaged('nothing on the stack');
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === mark) throw this.#damaged('nothing on the stack');
    return value;
  }

  #toMark(): PickleValue[] {
    const values: PickleValue[] = [];
    for (;;) {
      const value = this.#stack.pop();
      if (value === undefined) throw this.#damaged('no mark on the stack');
      if (value === mark) return values.reverse();
      values.push(value);
    }
  }

  #list(): PickleValue[] {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#damaged('no list to add to');
    return list;
  }

  #items(): (readonly [PickleValue, PickleValue])[] {
    const target = this.#top();
    if (target !== null && typeof target === 'object' && 'items' in target) return target.items;
    throw this.#damaged('no dictionary to set in');
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#damaged(`no memo ${index}`);
    this.#push(value);
  }
}

function addPairs(items: (readonly [PickleValue, PickleValue])[], pairs: readonly PickleValue[]): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) items.push([pairs[i] ?? null, pairs[i + 1] ?? null]);
}

import { type Allowance, COST, checkHeap } from './allowance';
import { allowedGlobal } from './globals';
import { OPCODES } from './opcodes';
import { invalidPickle, unsafePickle } from './refusals';
import type { Survey } from './survey';
import type { Tokens } from './tokens';
import { describeValue, type PickleGlobal, type PickleValue, type ReaderContext } from './values';

/**
 * Most items in one list, dict, on the stack or referred back to. V8 ends the process (uncatchably) when an array's
 * storage can't grow, and its maps hold no more.
 */
const MAX_ITEMS = 2 ** 24;
/**
 * Most keys of one dict that are not text. V8 mixes numbers with a function that everyone knows, and of an integer
 * beyond 64 bits only a part: with keys chosen to meet in one place, 20,000 of them take seconds, and ten times as many
 * a hundred times as long. For text it has a secret, for objects random numbers.
 */
const MAX_NUMBER_KEYS = 1000;
const HEAP_CHECK_INTERVAL = 1 << 16;

/** What each instruction does, by its byte. */
const HANDLERS: ((machine: Machine) => void)[] = [];
for (const [code, , run] of Object.values(OPCODES)) HANDLERS[code] = run;

/** Makes what an item of the outermost list is replaced with when it is added; `index` is its place there. */
export type ItemConverter = (item: PickleValue, index: number, context: ReaderContext) => unknown;

/**
 * The stack machine that a pickle is a program for. It can build {@link PickleValue}s and nothing else; each
 * instruction is in {@link OPCODES}. Without recursion, however deep the data nests.
 */
export class Machine implements ReaderContext {
  readonly memo = new Map<number, PickleValue>();
  private readonly stack: PickleValue[] = [];
  /** For each open MARK, the height of the stack at it. */
  private readonly marks: number[] = [];
  private readonly converted = new WeakMap<object, number>();
  private readonly numberKeys = new WeakMap<object, number>();
  private stored = 0;
  private untilHeapCheck = HEAP_CHECK_INTERVAL;
  private result: PickleValue | undefined;

  /**
   * @param convertItem saves the memory for all items at once where something smaller is made of each. Python
   *   completes an item before it adds it, and the outermost list is the first thing on the stack.
   */
  constructor(
    readonly tokens: Tokens,
    private readonly survey: Survey,
    private readonly allowance: Allowance,
    private readonly convertItem?: ItemConverter,
  ) {}

  /** Executes the instructions in the window. `true` at the end of the pickle, `false` if the window is used up. */
  run(): boolean {
    const { tokens } = this;
    while (tokens.next()) {
      (HANDLERS[tokens.opcode] as (machine: Machine) => void)(this);
      if (this.result !== undefined) return true;
      if (--this.untilHeapCheck === 0) {
        this.untilHeapCheck = HEAP_CHECK_INTERVAL;
        checkHeap(tokens.offset);
      }
    }
    return false;
  }

  /** What the pickle holds, once {@link run} has returned `true`. */
  get value(): PickleValue {
    return this.result as PickleValue;
  }

  stop(): void {
    if (this.marks.length > 0) throw this.invalid('the data ends within a list');
    this.result = this.pop();
  }

  /** The current instruction's argument. It is overwritten later: copy what is to stay. */
  argument(): Buffer {
    const { bytes, start, length } = this.tokens;
    return bytes.subarray(start, start + length);
  }

  push(value: PickleValue | undefined): void {
    if (value === undefined) throw this.invalid('there is text or a number in a form that is none');
    if (this.stack.length >= MAX_ITEMS) throw this.tooMany();
    this.stack.push(value);
  }

  pop(): PickleValue {
    this.requireItems(1);
    return this.stack.pop() as PickleValue;
  }

  /** Takes as many values as that; the topmost comes last. */
  popItems(count: number): PickleValue[] {
    this.requireItems(count);
    return this.stack.splice(-count);
  }

  top(): PickleValue {
    this.requireItems(1);
    return this.stack[this.stack.length - 1] as PickleValue;
  }

  mark(): void {
    if (this.marks.length >= MAX_ITEMS) throw this.tooMany();
    this.marks.push(this.stack.length);
  }

  /** Takes what lies above the last mark, and the mark. */
  popToMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) throw this.invalid('a list ends that never began');
    return this.stack.splice(height);
  }

  /** Drops a mark if it is on top of the stack, else the value that is. */
  popValueOrMark(): void {
    if (this.marks.at(-1) === this.stack.length) this.marks.pop();
    else this.pop();
  }

  /** Adds `items` to the list on top of the stack. */
  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.invalid(`items are added to ${describeValue(list)}`);
    if (list.length + items.length > MAX_ITEMS) throw this.tooMany();
    this.charge(COST.item * items.length);
    const convert = list === this.stack[0] ? this.convertItem : undefined;
    for (const item of items) {
      list.push(convert ? (convert(item, list.length, this) as PickleValue) : item);
    }
    if (convert) this.converted.set(list, this.convertedItems(list) + items.length);
  }

  /** How many items of `list` have been converted. */
  convertedItems(list: PickleValue[]): number {
    return this.converted.get(list) ?? 0;
  }

  newList(items: PickleValue[]): void {
    this.charge(COST.list + COST.item * items.length);
    this.push(items);
  }

  newDict(pairs: readonly PickleValue[]): void {
    this.charge(COST.dict);
    const dict = new Map();
    this.setItems(dict, pairs);
    this.push(dict);
  }

  /** {@link setItems} in the dict on top of the stack. */
  setInTop(pairs: readonly PickleValue[]): void {
    this.setItems(this.top(), pairs);
  }

  /** Sets `pairs` (key, value, key, value, …) in a dict. */
  setItems(dict: PickleValue, pairs: readonly PickleValue[]): void {
    if (!(dict instanceof Map)) throw this.invalid(`entries are set in ${describeValue(dict)}`);
    if (pairs.length % 2 !== 0) throw this.invalid('there is a dict with a key without a value');
    if (dict.size + pairs.length / 2 > MAX_ITEMS) throw this.tooMany();
    this.charge((COST.pair * pairs.length) / 2);
    for (let index = 0; index < pairs.length; index += 2) {
      const key = pairs[index] as PickleValue;
      if (typeof key === 'number' || typeof key === 'bigint') this.countNumberKey(dict);
      dict.set(key, pairs[index + 1] as PickleValue);
    }
  }

  /**
   * Remembers the top of the stack as `key`, or as the next key.
   * That counts what was stored, as no pickler stores a key twice.
   */
  remember(key = this.stored): void {
    const value = this.top();
    this.stored++;
    if (!this.survey.recalls(key)) return;
    if (this.memo.size >= MAX_ITEMS) throw this.tooMany();
    this.charge(COST.memo);
    this.memo.set(key, value);
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined)
      throw this.invalid('there is a reference to something that comes later or never');
    this.push(value);
  }

  /** The global `module.name`, if a pickle may ask for it. Refused otherwise, not looked up. */
  global(module: string, name: string): PickleGlobal {
    const global = allowedGlobal(module, name);
    if (!global) throw unsafePickle(this.tokens.offset, `${module}.${name}`);
    return global;
  }

  allocate(size: number): Uint8Array {
    return this.allowance.allocate(size, this.tokens.offset);
  }

  copyOf(bytes: Uint8Array): Uint8Array {
    const copy = this.allocate(bytes.length);
    copy.set(bytes);
    return copy;
  }

  charge(size: number): void {
    this.allowance.charge(size, this.tokens.offset);
  }

  invalid(problem: string): Error {
    return invalidPickle(this.tokens.offset, problem);
  }

  private countNumberKey(dict: object): void {
    const count = (this.numberKeys.get(dict) ?? 0) + 1;
    if (count > MAX_NUMBER_KEYS) {
      throw this.invalid(`there is a dict with more than ${MAX_NUMBER_KEYS} numbers for keys`);
    }
    this.numberKeys.set(dict, count);
  }

  private requireItems(count: number): void {
    // What lies below the last mark is out of reach until the mark is taken.
    if (this.stack.length - count < (this.marks.at(-1) ?? 0))
      throw this.invalid('a value is used that is not there');
  }

  private tooMany(): Error {
    return this.invalid(`there are more than ${MAX_ITEMS} items in one place`);
  }
}

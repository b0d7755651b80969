/**
 * What input that is hard to parse costs each reader of what somebody else wrote: the processor time of one mebibyte of
 * it, the worst of all kinds, and how it grows when there is twice as much. Twice the work is linear; four times would be
 * square. Every pair that takes half of the bound is told. Ends with 1 where a mebibyte takes as long as the bound or longer.
 */
import { type HostileInput, hostileInputs } from "@sc/testing";
import { catalogerParsers, documentParsers, type HostileParser } from "../test/hostile-parsers.ts";

const smoke = process.argv.includes("--smoke");
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));

/** Of which every input is read first; the dearest, and all that are not quick, are read again at the full size. */
const [sieveBytes, fullBytes] = smoke ? [4096, 16_384] : [131_072, 1_048_576];
const again = smoke ? 2 : 10;
/** Square growth from the sieve to the full size makes 64 times as much: below this no reading can reach the bound. */
const quickMilliseconds = 3;
const rounds = smoke ? 1 : 3;
const boundMilliseconds = 200;
const toldMilliseconds = 100;

interface Cost {
  readonly parser: HostileParser;
  readonly input: HostileInput;
  /** Of reading alone, and of reading and making packages of what was read. */
  readonly milliseconds: number;
  readonly withPackages: number;
}

function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const made = new Map<HostileInput, Uint8Array>();

/** Input of a length; what every reader is given is made once. */
function bytesOf(input: HostileInput, length: number): Uint8Array {
  const bytes = (length === sieveBytes ? made.get(input) : undefined) ?? input.bytes(length);
  if (length === sieveBytes) made.set(input, bytes);
  return bytes;
}

/** One reading and what is made of it; the least of some rounds. */
function cost(parser: HostileParser, input: HostileInput, { length, times }: Record<"length" | "times", number>): Cost {
  const content = parser.content(bytesOf(input, length));
  const taken = Array.from({ length: times }, (): readonly [number, number] => {
    const before = processorMilliseconds();
    try {
      const parsed = parser.parse(content);
      const between = processorMilliseconds();
      parser.make(parsed);
      return [between - before, processorMilliseconds() - before];
    } catch {
      // A document that is refused was read as well; what it is refused with is the tests' business.
      const end = processorMilliseconds() - before;
      return [end, end];
    }
  });
  const least = (at: 0 | 1): number => Math.min(...taken.map((one) => one[at]));
  return { parser, input, milliseconds: least(0), withPackages: least(1) };
}

function dearest(costs: readonly Cost[], most: number): readonly Cost[] {
  const sorted = costs.toSorted((left, right) => right.withPackages - left.withPackages);
  return sorted.filter(({ milliseconds }, at) => at < most || milliseconds >= quickMilliseconds);
}

const parsers = [...catalogerParsers, ...documentParsers];
const ids = [...new Set(parsers.map(({ id }) => id))].filter((id) => asked.length === 0 || asked.includes(id));
let over = 0;
console.log(`${parsers.length} readers, ${hostileInputs.length} kinds of input`);
console.log(
  "reader                     worst input                                read   made of it    twice   growth",
);
for (const id of ids) {
  const own = parsers.filter((parser) => parser.id === id);
  const first = own.flatMap((parser) =>
    hostileInputs.map((input) => cost(parser, input, { length: sieveBytes, times: 1 })),
  );
  const measured = dearest(first, again).map(({ parser, input }) =>
    cost(parser, input, { length: fullBytes, times: rounds }),
  );
  const [worst] = measured.toSorted((left, right) => right.withPackages - left.withPackages);
  if (worst !== undefined) {
    const { parser, input, milliseconds, withPackages } = worst;
    const twice = cost(parser, input, { length: 2 * fullBytes, times: rounds }).withPackages;
    const numbers = [milliseconds, withPackages, twice].map((value) => value.toFixed(1).padStart(10));
    const growth = (twice / withPackages).toFixed(1).padStart(7);
    console.log(`${id.padEnd(26)} ${input.name.padEnd(36)} ${numbers.join("")} ${growth}`);
  }
  for (const { parser, input, milliseconds } of measured) {
    if (milliseconds < toldMilliseconds) continue;
    const isOver = milliseconds >= boundMilliseconds;
    console.log(`${isOver ? "over" : "told"}: ${id} ${parser.path} ${input.name}: ${milliseconds.toFixed(0)} ms`);
    if (isOver) over += 1;
  }
}
if (over > 0) {
  console.error(`${over} readings of ${fullBytes} bytes take ${boundMilliseconds} ms or longer`);
  process.exitCode = 1;
}

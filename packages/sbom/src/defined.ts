/** A type whose members that may be left out may also be `undefined`. */
export type WithUndefined<Value> = {
  [Name in keyof Value]: string extends Name
    ? Value[Name] | undefined
    : object extends Pick<Value, Name>
      ? Value[Name] | undefined
      : Value[Name];
};

/** A copy of an object without the members that are `undefined`: absent and undefined are not the same in JSON. */
export function defined<Value extends object>(value: WithUndefined<Value>): Value;
/** The same for the compiler, which cannot follow that leaving members out makes the one type of the other. */
export function defined(value: Readonly<Record<string, unknown>>): object {
  const kept: Record<string, unknown> = {};
  // A third of what reading a large document took was here, with entries made, filtered and put together again.
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    // Outside texts name members too: assigned to, this one would be the prototype.
    if (name === "__proto__")
      Object.defineProperty(kept, name, { value: member, configurable: true, enumerable: true, writable: true });
    else kept[name] = member;
  }
  return kept;
}

/** The members that are not `undefined`; `undefined` when there is none. */
export function someProperties(
  properties: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> | undefined {
  const some = defined<{ readonly [name: string]: string }>(properties);
  return Object.keys(some).length === 0 ? undefined : some;
}

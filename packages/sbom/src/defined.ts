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
export function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

/** The members that are not `undefined`; `undefined` when there is none. */
export function someProperties(
  properties: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> | undefined {
  const some = defined<{ readonly [name: string]: string }>(properties);
  return Object.keys(some).length === 0 ? undefined : some;
}

// An entry of its own: who takes an inventory loads the catalogers then, and who does not never does.
export { catalogers } from "./catalogers/index.ts";

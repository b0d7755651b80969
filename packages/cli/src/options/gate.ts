import { severities } from "@sc/model";
import type { OptionDefinition } from "../command.ts";

/** From which severity on a finding stops an image. */
export const failOn: OptionDefinition = {
  name: "fail-on",
  kind: "text",
  placeholder: "SEVERITY",
  choices: severities.filter((severity) => severity !== "none" && severity !== "unknown").toReversed(),
  summary: "end in 1 from this severity on",
};

/** With what the images of a run are compared. */
export const onlyNew: OptionDefinition = {
  name: "only-new",
  kind: "text",
  placeholder: "FILE",
  summary: "count only what this earlier run's JSON report lacks",
};

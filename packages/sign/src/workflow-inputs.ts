import { Decoder, isJsonObject, ScError } from "@sc/model";
import type { VerifiedSigner } from "./signature-facts.ts";
import type { Statement } from "./statement.ts";

/** One place where a provenance says what a workflow was started with by hand. */
interface SaidInputs {
  readonly inputs: Decoder;
  /** The event that started it, beside them. */
  readonly event: Decoder;
}

// Of this type alone the external parameters are the workflow's inputs: a delegated build has there what one workflow
// called another with.
const workflowBuildType = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1";
const startedByHand = "workflow_dispatch";

/**
 * Checks with what inputs a GitHub workflow was started by hand, as `slsa-verifier --build-workflow-input` does: every
 * place that says an input says exactly this, at least one does, and whatever names the event, the signer's certificate
 * among it, says that it was started so. Other inputs may be any. Throws `PROVENANCE_MISMATCH`, `PROVENANCE_INVALID`.
 */
export function checkWorkflowInputs(
  { predicate }: Statement,
  expected: Readonly<Record<string, string>>,
  signer: VerifiedSigner,
): void {
  const wanted = Object.entries(expected);
  if (wanted.length === 0) return;
  try {
    const places = isJsonObject(predicate) ? saidInputs(new Decoder(predicate, "provenance")) : [];
    checkTrigger(places, signer);
    if (places.length === 0) throw mismatch("says no workflow inputs", {});
    for (const [name, value] of wanted) {
      for (const { inputs } of places) checkInput(inputs.member(name), { name, value });
    }
  } catch (cause) {
    if (!(cause instanceof ScError) || cause.code === "PROVENANCE_MISMATCH") throw cause;
    throw new ScError("PROVENANCE_INVALID", cause.message, { cause });
  }
}

function saidInputs(document: Decoder): readonly SaidInputs[] {
  const definition = inside(document, "buildDefinition");
  const external = inside(definition, "externalParameters");
  const internal = inside(definition, "internalParameters");
  const invocation = inside(document, "invocation");
  const environment = inside(invocation, "environment");
  const places: readonly SaidInputs[] = [
    ...(inside(definition, "buildType").value === workflowBuildType
      ? [{ inputs: inside(external, "inputs"), event: inside(inside(internal, "github"), "event_name") }]
      : []),
    // As slsa-github-generator writes what the runner told it, in either version of the predicate.
    {
      inputs: inside(inside(internal, "GITHUB_EVENT_PAYLOAD"), "inputs"),
      event: inside(internal, "GITHUB_EVENT_NAME"),
    },
    {
      inputs: inside(inside(environment, "github_event_payload"), "inputs"),
      event: inside(environment, "github_event_name"),
    },
    {
      inputs: inside(inside(invocation, "parameters"), "event_inputs"),
      event: inside(environment, "github_event_name"),
    },
  ];
  return places.filter(({ inputs }) => !inputs.absent);
}

// The members on the way there need not be.
function inside(at: Decoder, name: string): Decoder {
  return isJsonObject(at.value) ? at.member(name) : new Decoder(undefined, `${at.path}.${name}`);
}

function checkTrigger(places: readonly SaidInputs[], signer: VerifiedSigner): void {
  const proven = signer.kind === "identity" ? [signer.claims.buildTrigger, signer.claims.githubWorkflowTrigger] : [];
  const said = places.flatMap(({ event }) => (event.absent ? [] : [event.string()]));
  const other = [...proven, ...said].find((event) => event !== undefined && event !== startedByHand);
  if (other === undefined) return;
  throw mismatch("its workflow was not started by hand", { trigger: shown(other), expected: shown(startedByHand) });
}

function checkInput(at: Decoder, { name, value }: { readonly name: string; readonly value: string }): void {
  const got = at.optional(inputText);
  if (got === value) return;
  throw mismatch(`its workflow input ${shown(name)} is another`, {
    input: got === undefined ? "not said" : shown(got),
    expected: shown(value),
  });
}

// Switches and numbers are texts to GitHub's interface; some documents write them as what they mean.
function inputText(at: Decoder): string {
  const { value } = at;
  return typeof value === "boolean" || typeof value === "number" ? String(value) : at.string();
}

function mismatch(what: string, facts: Readonly<Record<string, string>>): ScError {
  return new ScError("PROVENANCE_MISMATCH", `provenance: ${what}`, { facts });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 300));
}

import { formatCount, formatWhole } from "@sc/model";
import {
  countedFindings,
  describeReport,
  escapeHtml,
  formatTime,
  renderCuts,
  renderFilter,
  renderPage,
  renderScanSections,
} from "@sc/scan";
import type { SecuredImage, SecuredRecord, SecureResult } from "../secure-plan.ts";
import { countSeverities, digestOf, judgeImage, reasonsOf, type RunFacts, tellUnrated } from "./run-facts.ts";

/**
 * A whole run as one page that holds everything it needs and asks nobody for anything: an index of the images, then each
 * with its verdict, findings, packages, and what was signed and attached. Readable without script; texts of images are
 * text.
 */
export function renderRunPage(result: SecureResult, facts: RunFacts): string {
  const { images, outcome } = result;
  const filter = renderFilter(images.flatMap(({ report }) => (report === undefined ? [] : countedFindings(report))));
  return renderPage(
    (described) => ({
      title: `Security of ${facts.name}`,
      foot: facts.name,
      verdict: renderVerdict(result, facts, renderCuts(described)),
      main: [renderIndex(images), filter, ...images.map((one, index) => renderImage(one, index, described))].join("\n"),
    }),
    () => ({ schema: "urn:sc:run-page:1", name: facts.name, sc: facts.sc, outcome, images: images.map(describeImage) }),
  );
}

function renderVerdict({ images, outcome }: SecureResult, { name, sc, time }: RunFacts, cuts: string): string {
  const words = { pass: "✓ Passed", violation: "✗ Refused", error: "✗ Could not be completed" };
  const passed = images.filter((one) => one.outcome === "pass").length;
  const databases = images.flatMap(({ report }) => (report === undefined ? [] : [report.database]));
  const dated = databases.slice(0, 1).map(({ newest, built }) => `advisories of ${formatTime(newest ?? built)}`);
  const times = [...(time === undefined ? [] : [formatTime(time)]), ...dated, `sc ${escapeHtml(sc)}`];
  return `<header class="verdict ${outcome === "pass" ? "pass" : "violation"}">
<h1>${escapeHtml(name)}</h1>
<p><strong>${words[outcome]}</strong> ${passed} of ${formatCount(images.length, "image")} passed</p>
<p class="dim">${times.join(" · ")}</p>
${cuts}</header>`;
}

function renderIndex(images: readonly SecuredImage[]): string {
  const rows = images.map((one, index) => {
    const numbers = `${countSeverities(one)?.join(" / ") ?? "not scanned"}${tellUnrated(one)}`;
    const { signatures, sboms, provenances } = one.attached;
    const made = [
      ...(signatures > 0 ? ["signed"] : []),
      ...(sboms > 0 ? ["SBOM"] : []),
      ...(provenances > 0 ? ["provenance"] : []),
      ...(one.verified === undefined ? [] : ["verified"]),
    ];
    const { sign, word } = judgeImage(one);
    return `<tr><td>${sign} ${word}</td><td><a href="#image-${index + 1}">${escapeHtml(one.image)}</a> <code class="dim">${escapeHtml(digestOf(one))}</code></td><td data-label="critical / high / medium / low">${numbers}</td><td data-label="packages">${one.packages ?? "–"}</td><td data-label="in the registry">${made.length === 0 ? "nothing" : made.join(", ")}</td></tr>`;
  });
  const heads = ["Outcome", "Image", "Critical / high / medium / low", "Packages", "In the registry"];
  return `<h2>Images</h2>
<table class="accepted index"><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>
${rows.join("\n")}
</tbody></table>`;
}

type Described = Parameters<typeof renderCuts>[0];

function renderImage(one: SecuredImage, index: number, described: Described): string {
  const { sign, word } = judgeImage(one);
  const reasons = reasonsOf(one).map((reason) => `<p>${escapeHtml(reason)}</p>`);
  const warnings = one.warnings.map(({ stage, message, hint }) => {
    return `<p>! ${escapeHtml(`${stage}: ${message}`)}${hint === undefined ? "" : ` <span class="dim">${escapeHtml(hint)}</span>`}</p>`;
  });
  const good = one.outcome === "pass" ? "pass" : one.outcome === "skipped" ? "unjudged" : "violation";
  return `<section id="image-${index + 1}">
<div class="verdict ${good}">
<h2>${escapeHtml(one.image)}</h2>
${one.digest === undefined ? "" : `<p class="dim"><code>${escapeHtml(one.digest)}</code></p>`}
<p><strong>${sign} ${word}</strong>${one.stoppedAt === undefined ? "" : ` at ${escapeHtml(one.stoppedAt)}`}${one.report?.policy === undefined ? "" : ` <code>${escapeHtml(one.report.policy)}</code>`}</p>
${[...reasons, ...warnings].join("\n")}
</div>
${one.report === undefined ? `<p>${one.packages === undefined ? "Not read." : `${formatCount(one.packages, "package")}; not scanned.`}</p>` : renderScanSections(one.report, { described, isPart: true })}
${renderRecords(one)}
</section>`;
}

function renderRecords({ records, verified, documents, provenance }: SecuredImage): string {
  const signers = (verified?.signatures ?? []).map(({ facts: { signer, signedAt, logEntries } }) => {
    const who = signer.kind === "key" ? `key ${signer.keyId}` : `${signer.subject}, by ${signer.issuer}`;
    const when = signedAt === undefined ? "" : `, ${formatTime(signedAt)}`;
    const log = logEntries.map(({ logIndex }) => `, log index ${logIndex}`).join("");
    return `<dt>verified</dt><dd>${escapeHtml(`${who}${when}${log}`)}</dd>`;
  });
  const made = [
    ...documents.map(
      ({ format, bytes }) => `<dt>SBOM</dt><dd>${escapeHtml(format)}, ${formatWhole(bytes.length)} bytes</dd>`,
    ),
    ...(provenance === undefined
      ? []
      : [
          `<dt>provenance</dt><dd><code>${escapeHtml(provenance.type)}</code> of ${escapeHtml(provenance.platform)}</dd>`,
        ]),
  ];
  const facts = [...signers, ...made];
  const body =
    records.length === 0
      ? "<p>Nothing is kept in the registry.</p>"
      : `<table class="accepted"><thead><tr>${["What", "Form", "Manifest", "Where", "State"].map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>
${records.map(renderRecord).join("\n")}
</tbody></table>`;
  return `<h3>Signatures, SBOM and provenance</h3>
${facts.length === 0 ? "" : `<dl>${facts.join("")}</dl>`}
${body}`;
}

const names: Readonly<Record<SecuredRecord["what"], string>> = {
  signature: "signature",
  sbom: "SBOM",
  provenance: "provenance",
  scan: "scan report",
};

function renderRecord({ what, form, manifest, repository, tag, state }: SecuredRecord): string {
  const where = tag === undefined ? repository : `${repository}:${tag}`;
  return `<tr><td>${names[what]}</td><td data-label="form">${escapeHtml(form)}</td><td><code>${escapeHtml(manifest)}</code></td><td data-label="where">${escapeHtml(where)}</td><td data-label="state">${state === "present" ? "was there" : "written"}</td></tr>`;
}

function describeImage(one: SecuredImage): object {
  const { image, outcome, stoppedAt, digest, packages, attached, records, warnings, report } = one;
  const scan = report === undefined ? {} : { scan: describeReport(report) };
  return { image, outcome, stoppedAt, digest, packages, attached, records, warnings, ...scan };
}

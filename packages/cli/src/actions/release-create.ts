import { ScError, shortDigest } from "@sc/model";
import {
  type Connection,
  createRelease,
  type LoadedConfig,
  openImage,
  readGitCheckout,
  type Release,
  releaseName,
  type ReleasePlan,
} from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { readStackConfiguration } from "../configuration.ts";
import { connect } from "../connect.ts";
import { writeLocal } from "../local-output.ts";
import { describeReporting, reportingLines, reportRun } from "../run-reporting.ts";
import { planOfConfig } from "../secure-plan.ts";
import { imageLines, runResult, summaryLines } from "../secure-report.ts";
import { printable } from "../terminal/printable.ts";

/** Releases the images of a stack, or says what it would do. */
export async function create(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const config = await readStackConfiguration(context);
  if (!config.security.enabled) {
    throw new ScError(
      "CONFIG_INVALID",
      `${config.files.at(-1) ?? ""}: security is not enabled: nothing would be checked`,
      {
        hint: "Set security.enabled: true and what a release must pass.",
      },
    );
  }
  await using connection = await connect(
    context,
    config.images.map(({ image }) => image),
  );
  const { plan, local } = await planOf(config, context, connection);
  if (values.flag("preview")) return await preview(plan, context, connection);
  if (!values.flag("yes")) {
    throw new ScError("CLI_USAGE", `the release ${releaseName(plan)} is not confirmed`, {
      hint: "Look at it with --preview, then give --yes.",
    });
  }
  const release = await createRelease(plan, { connection, signal, onProgress });
  for (const { reference } of release.tags) context.wrote(reference);
  const files = await writeLocal(release.secured.images, local, context);
  const reporting = await reportRun(release.secured, config, context);
  return {
    ...runResult(release.secured, {
      release: release.name,
      manifest: release.manifest,
      tags: release.tags,
      ...(release.gitTag === undefined
        ? {}
        : { gitTag: { ...release.gitTag, push: pushCommand(release.gitTag.name) } }),
      files,
      reporting: describeReporting(reporting),
    }),
    text: () =>
      [
        ...release.secured.images.flatMap((one) => imageLines(one, style)),
        ...summaryLines(release.secured, files, style),
        ...releaseLines(release),
        ...reportingLines(reporting),
      ].join("\n"),
    summary: reporting.summary,
  };
}

async function planOf(
  config: LoadedConfig,
  context: ActionContext,
  connection: Connection,
): Promise<{ readonly plan: ReleasePlan; readonly local: ReturnType<typeof planOfConfig>["local"] }> {
  const { values, environment } = context;
  const folder = values.text("project") ?? ".";
  const images = config.images.map(({ image }) => image);
  const { plan: secure, local } = planOfConfig(config, context, { images, connection });
  const checkout = values.flag("no-git-tag") ? undefined : await readGitCheckout(folder);
  const { GIT_COMMITTER_NAME: name = "sc", GIT_COMMITTER_EMAIL: email = "sc@localhost" } = environment.variables;
  return {
    local,
    plan: {
      stack: values.required("stack"),
      environment: values.required("environment"),
      version: values.text("version") ?? defaultVersion(context.now(), checkout?.commit),
      images: config.images,
      secure,
      now: context.now(),
      ...(checkout?.commit === undefined ? {} : { git: { folder, tagger: { name, email } } }),
    },
  };
}

// The day and what was built: two releases of one commit on one day are one release.
function defaultVersion(now: Date, commit: string | undefined): string {
  const day = now.toISOString().slice(0, 10).replaceAll("-", ".");
  return commit === undefined
    ? `${day}-${now.toISOString().slice(11, 19).replaceAll(":", "")}`
    : `${day}-${commit.slice(0, 7)}`;
}

async function preview(plan: ReleasePlan, context: ActionContext, connection: Connection): Promise<ActionResult> {
  const { signal } = context;
  const { version, environment, git, secure } = plan;
  const found: { readonly name: string; readonly image: string; readonly digest: string }[] = [];
  for (const { name, image } of plan.images) {
    await using opened = await openImage(image, { connection, signal });
    found.push({ name, image, digest: (opened.image.index ?? opened.image.descriptor).digest });
  }
  const steps = (["scan", "signing", "sbom", "provenance"] as const).filter((part) => secure[part] !== undefined);
  return {
    outcome: "pass",
    report: { release: releaseName(plan), preview: true, images: found, steps, tags: [version, environment] },
    text: () =>
      [
        `release ${printable(releaseName(plan))} of ${found.length} images; nothing was done`,
        ...found.map(({ image, digest }) => `  ${printable(image)}  ${digest.slice(0, 19)}`),
        `  ${steps.join(", ")}; then the tags ${printable(version)} and ${printable(environment)}${git === undefined ? "" : ", and a git tag"}`,
      ].join("\n"),
  };
}

// A tag's name is checked when it is written: no shell reads anything into it.
function pushCommand(name: string): string {
  return `git push origin refs/tags/${name}`;
}

function releaseLines({ name, tags, manifest, gitTag }: Release): readonly string[] {
  if (manifest === undefined) return [`release ${printable(name)}: not made, no tag was moved`];
  return [
    `release ${printable(name)}: ${printable(manifest)}`,
    ...tags.map(({ reference, digest }) => `  ${printable(reference)} is ${shortDigest(digest)}`),
    ...(gitTag === undefined
      ? []
      : [
          `  git tag ${printable(gitTag.name)} on ${gitTag.commit.slice(0, 12)}; to publish it: ${pushCommand(gitTag.name)}`,
        ]),
  ];
}

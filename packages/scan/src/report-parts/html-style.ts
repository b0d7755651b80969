/** How the page looks: wide and narrow, light and dark, on paper. No font, image or sheet from elsewhere. */
export const pageStyle = `
:root { color-scheme: light dark; --back: #fff; --soft: #f4f5f7; --line: #d5d9e0; --text: #14181f; --dim: #545d6b; --link: #0b57c2;
  --critical: #a3123a; --high: #c2410c; --medium: #946200; --low: #2c5f9e; --none: #5b6472; --unknown: #5b6472; --good: #1a6b3c; --bad: #a3123a; }
@media screen and (prefers-color-scheme: dark) { :root { --back: #12151b; --soft: #1b2029; --line: #343c4a; --text: #e7eaf0; --dim: #a3adbd; --link: #8ab8ff;
  --critical: #ff7a96; --high: #ff9a66; --medium: #e8bd4f; --low: #85b7f5; --none: #a3adbd; --unknown: #a3adbd; --good: #6fd39a; --bad: #ff7a96; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1.25rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
h3 { font-size: .95rem; margin: 1.5rem 0 .5rem; }
section { margin-top: 2.5rem; }
.verdict h2 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .35rem 0; }
a { color: var(--link); }
code { font: 0.92em ui-monospace, monospace; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.verdict { border: 1px solid var(--line); border-left: .4rem solid var(--dim); border-radius: .4rem; padding: .9rem 1.1rem; background: var(--soft); }
.verdict.pass { border-left-color: var(--good); }
.verdict.violation { border-left-color: var(--bad); }
.verdict strong { font-size: 1.1rem; }
.pass strong { color: var(--good); }
.violation strong { color: var(--bad); }
.chips { display: grid; grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr)); gap: .6rem; margin: .6rem 0; padding: 0; }
.chip { display: block; width: 100%; margin: 0; text-align: left; border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .7rem; background: var(--soft); color: inherit; font: inherit; }
button.chip { cursor: pointer; } .chip[aria-pressed=true] { border-color: var(--text); box-shadow: inset 0 0 0 1px var(--text); }
.chip b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.critical { color: var(--critical); fill: var(--critical); } .high { color: var(--high); fill: var(--high); } .medium { color: var(--medium); fill: var(--medium); }
.low { color: var(--low); fill: var(--low); } .none { color: var(--none); fill: var(--none); } .unknown { color: var(--unknown); fill: var(--unknown); }
svg { display: block; width: 100%; height: .8rem; border-radius: .2rem; background: var(--soft); }
.layers td:last-child { width: 50%; } .layers th { white-space: nowrap; } .layers td:first-child code { white-space: nowrap; } .layers svg { margin-top: .35rem; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: .6rem 0; }
form[hidden] { display: none; }
label { display: block; max-width: 100%; font-size: .85rem; color: var(--dim); }
.index th, .index td:first-child { overflow-wrap: normal; }
label.check { display: flex; gap: .3rem; align-items: center; padding-bottom: .45rem; }
input[type=search], select { display: block; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--dim); border-radius: .3rem; padding: .3rem .5rem; max-width: 100%; }
form button { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--dim); border-radius: .3rem; padding: .3rem .8rem; }
input[type=search] { min-width: 15rem; }
output { padding-bottom: .35rem; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-size: .85rem; color: var(--dim); }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th[aria-sort=ascending] button::after { content: " ↑"; } th[aria-sort=descending] button::after { content: " ↓"; }
td.severity { font-weight: 700; white-space: nowrap; }
.findings tr { content-visibility: auto; contain-intrinsic-size: auto 3rem; }
.findings th { white-space: nowrap; } .findings th:nth-child(1) { width: 6rem; } .findings th:nth-child(2) { width: 36%; } .findings th:nth-child(3) { width: 20%; } .findings th:nth-child(4), .findings th:nth-child(5) { width: 15%; } .findings th:nth-child(6) { width: 4.5rem; }
.kev { border: 1px solid var(--bad); color: var(--bad); border-radius: .25rem; font-size: .75rem; font-weight: 700; padding: 0 .25rem; }
summary { cursor: pointer; color: var(--dim); font-size: .88rem; }
details pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .4rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; margin: .4rem 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; margin: .4rem 0; }
li { overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
@media (max-width: 44rem) {
  body { padding: .8rem; }
  input[type=search] { min-width: 0; width: 100%; }
  form > label:first-child { flex: 1 0 100%; }
  .findings thead, .accepted thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .findings, .accepted { table-layout: fixed; }
  .findings tr, .accepted tr { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 .6rem; border-bottom: 1px solid var(--line); padding: .6rem 0; }
  .findings tr[hidden] { display: none; }
  .findings td, .accepted td { border: 0; padding: .1rem 0; }
  .findings td[data-label]::before, .accepted td[data-label]::before { content: attr(data-label) " "; color: var(--dim); font-size: .85rem; }
  .findings td[data-label], .findings td.wide, .accepted td { grid-column: 1 / -1; }
  dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .3rem; }
  .layers th, .layers td { padding: .45rem .3rem; } .layers td:first-child code { white-space: normal; } .layers td:last-child { width: 35%; }
}
@page { margin: 14mm 13mm 18mm; @bottom-left { font: 8pt system-ui, sans-serif; color: #545d6b; } @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #545d6b; } }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; }
  form, .findings thead { display: none; }
  h2, h3, .verdict, .chips { break-after: avoid; }
  .findings, .findings tbody { display: block; }
  .findings tr { display: flex; flex-wrap: wrap; gap: 0 1rem; content-visibility: visible; break-inside: avoid; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .findings tr[hidden] { display: none; }
  .findings td { border: 0; padding: 0; }
  .findings td[data-label]::before { content: attr(data-label) " "; color: var(--dim); font-size: .85em; }
  .findings td.wide { order: 1; flex: 1 0 100%; }
  .findings td.wide > a::after { content: " " attr(href); color: var(--dim); font-size: .85em; }
  tr:is([data-severity=critical], [data-severity=high]) details::details-content { content-visibility: visible; block-size: auto; }
}
`;

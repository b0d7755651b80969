/**
 * What the page does beyond being read: filters and sorts the rows that are there, and keeps the filter in the
 * address. Everything is there without it.
 */
export const pageScript = `"use strict";
(() => {
  const form = document.getElementById("filter");
  const bodies = Array.from(document.querySelectorAll("tbody.rows"));
  if (!form || bodies.length === 0) return;
  const rows = bodies.flatMap((body) => Array.from(body.rows));
  // What only a script can do something with is a button only where there is one.
  const button = (content, place) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...content.childNodes);
    place(made);
    return made;
  };
  const chips = Array.from(document.querySelectorAll("[data-pick]"), (chip) => {
    const made = button(chip, (one) => chip.replaceWith(one));
    made.className = "chip";
    made.dataset.pick = chip.dataset.pick;
    return made;
  });
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const names = ["q", "severity", "fix", "type", "layer"];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const values = () => Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim()]));
  const shows = (row, want) =>
    (want.q === "" || want.q.toLowerCase().split(/\\s+/).every((word) => texts.get(row).includes(word))) &&
    ["severity", "fix", "type", "layer"].every((name) => want[name] === "" || row.dataset[name] === want[name]) &&
    (!form.elements.kev.checked || row.dataset.kev === "yes");
  const apply = () => {
    const want = values();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !shows(row, want);
      if (!row.hidden) shown += 1;
    }
    count.textContent = shown + " of " + rows.length;
    none.hidden = shown > 0;
    for (const chip of chips) {
      const [name, value] = chip.dataset.pick.split("=");
      chip.setAttribute("aria-pressed", want[name] === value);
    }
  };
  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const name of names) if (asked.has(name)) form.elements[name].value = asked.get(name);
    form.elements.kev.checked = asked.get("kev") === "yes";
    apply();
  };
  const write = () => {
    const asked = new URLSearchParams(Object.entries(values()).filter(([, value]) => value !== ""));
    if (form.elements.kev.checked) asked.set("kev", "yes");
    history.replaceState(null, "", asked.size === 0 ? location.pathname + location.search : "#" + asked);
    apply();
  };
  form.hidden = false;
  form.addEventListener("input", write);
  form.addEventListener("reset", () => setTimeout(write));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", read);
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const [name, value] = chip.dataset.pick.split("=");
      form.elements[name].value = form.elements[name].value === value ? "" : value;
      write();
    });
  }
  for (const cell of document.querySelectorAll(".findings th")) {
    button(cell, (made) => cell.append(made)).addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of cell.parentNode.cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[cell.cellIndex].dataset.key || row.cells[cell.cellIndex].textContent;
      const order = new Intl.Collator("en", { numeric: true });
      const body = cell.closest("table").tBodies[0];
      body.append(...Array.from(body.rows).sort((left, right) => order.compare(key(left), key(right)) * (down ? -1 : 1)));
    });
  }
  addEventListener("beforeprint", () => {
    for (const row of rows) {
      const grave = row.dataset.severity === "critical" || row.dataset.severity === "high";
      if (grave) row.querySelector("details")?.setAttribute("open", "");
    }
  });
  read();
})();
`;

"use strict";
// Sorts and filters tables. Without it the page is whole, in the order of the study.

const number = (text) => Number.parseFloat(text.replace(/[,\s]/g, "").replace("\u2212", "-"));

function compared(left, right) {
  const [a, b] = [number(left), number(right)];
  if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1; // "not run" goes last
  return Number.isNaN(a) ? left.localeCompare(right) : a - b;
}

// Rows of a table, but not of those within it. One with class `more` tells more of the row before.
const rowsOf = (table) =>
  [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.matches(".group, .more"));
const withMore = (row) => {
  const next = row.nextElementSibling;
  return next && next.matches(".more") ? [row, next] : [row];
};

function sortable(table) {
  const sorted = document.createElement("tbody");
  let homes = null; // rows, in the order of the study, and their bodies
  const order = (head, direction) => {
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    homes ??= rowsOf(table).map((row) => [row, row.parentNode]);
    if (!direction) {
      for (const [row, home] of homes) home.append(...withMore(row));
      sorted.remove();
      return;
    }
    head.setAttribute("aria-sort", direction);
    const sign = direction === "descending" ? -1 : 1;
    const said = homes.map(([row]) => [row.cells[head.cellIndex].textContent.trim(), row]);
    const bySize = ([left], [right]) => {
      const result = compared(left, right);
      return Number.isNaN(number(left)) === Number.isNaN(number(right)) ? sign * result : result;
    };
    sorted.append(...said.sort(bySize).flatMap(([, row]) => withMore(row)));
    table.append(sorted);
  };
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    const turns = head.classList.contains("number")
      ? { null: "descending", descending: "ascending" }
      : { null: "ascending", ascending: "descending" };
    button.addEventListener("click", () => order(head, turns[head.getAttribute("aria-sort")]));
  }
}

function filterable(table) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  label.className = "filter";
  input.type = "search";
  label.append("Rows with ", input, " ", count);
  table.parentNode.before(label);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = rowsOf(table);
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
      for (const part of withMore(row)) part.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
    for (const group of table.querySelectorAll("tr.group"))
      group.hidden = [...group.parentNode.rows].every((row) => row === group || row.hidden);
  });
}

// Rows are gathered when they are first sorted or filtered. Tables within tables, and tables with a
// cell that spans several lines, stay as they are.
for (const table of document.querySelectorAll("main :is(section, details) > .scroll > table")) {
  if (!table.tHead || table.rows.length < 4) continue;
  if (!table.querySelector('tbody :is(th, td)[rowspan]:not([rowspan="1"])')) sortable(table);
  filterable(table);
}

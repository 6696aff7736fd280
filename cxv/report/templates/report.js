"use strict";
// Sorts and filters tables. Without it the page is whole, in the order of the study.

const number = (text) => Number.parseFloat(text.replace(/[,\s]/g, "").replace("\u2212", "-"));

function compared(left, right) {
  const [a, b] = [number(left), number(right)];
  if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1; // "not run" goes last
  return Number.isNaN(a) ? left.localeCompare(right) : a - b;
}

function sortable(table, rows) {
  const sorted = document.createElement("tbody");
  const homes = rows.map((row) => row.parentNode);
  const said = (row, index) => row.cells[index].innerText.trim();
  const order = (head, direction) => {
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    if (!direction) {
      rows.forEach((row, index) => homes[index].append(row));
      sorted.remove();
      return;
    }
    head.setAttribute("aria-sort", direction);
    const sign = direction === "descending" ? -1 : 1;
    const bySize = (a, b) => {
      const [left, right] = [said(a, head.cellIndex), said(b, head.cellIndex)];
      const result = compared(left, right);
      return Number.isNaN(number(left)) === Number.isNaN(number(right)) ? sign * result : result;
    };
    sorted.append(...[...rows].sort(bySize));
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

function filterable(table, rows) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  label.className = "filter";
  input.type = "search";
  label.append("Rows with ", input, " ", count);
  table.parentNode.before(label);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.innerText.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
    for (const group of table.querySelectorAll("tr.group"))
      group.hidden = [...group.parentNode.rows].every((row) => row === group || row.hidden);
  });
}

for (const table of document.querySelectorAll("main table")) {
  const rows = [...table.querySelectorAll("tbody tr:not(.group)")];
  if (rows.length < 3 || !table.tHead) continue;
  sortable(table, rows);
  filterable(table, rows);
}

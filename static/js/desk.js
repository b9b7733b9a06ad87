// The desk's editors: a grid of prices that behaves like a sheet, and lists sorted by dragging. Both work without it.

// Arrow keys and Enter move between cells of a column; at the text's ends left and right go to the neighbour.
const cells = (input) => {
  const rows = [...input.closest("table").tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);
  const row = rows.findIndex((inputs) => inputs.includes(input));
  return { rows, row, column: rows[row].indexOf(input) };
};
const go = (event, target) => {
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.select();
};
document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-grid] input") || event.altKey || event.ctrlKey || event.metaKey) return;
  const { rows, row, column } = cells(input);
  const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
  const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const atEnd = input.selectionStart === input.value.length;
  if (event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey)) go(event, rows[row + 1]?.[column]);
  else if (event.key === "ArrowUp" || event.key === "Enter") go(event, rows[row - 1]?.[column]);
  else if (event.key === "ArrowLeft" && (atStart || whole)) go(event, rows[row][column - 1]);
  else if (event.key === "ArrowRight" && (atEnd || whole)) go(event, rows[row][column + 1]);
});

// A block from a spreadsheet fills the cells from here on; what does not fit is left out.
document.addEventListener("paste", (event) => {
  const input = event.target;
  const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
  if (!input.matches?.("[data-grid] input") || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const { rows, row, column } = cells(input);
  text.split("\n").forEach((line, down) =>
    line.split("\t").forEach((value, across) => {
      const cell = rows[row + down]?.[column + across];
      if (!cell) return;
      cell.value = value.trim();
      cell.dispatchEvent(new Event("input", { bubbles: true }));
    }),
  );
});

// Drag and drop within a list; the form is sent when something has moved.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-sortable] li") ?? null;
  dragged?.classList.add("is-dragged");
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-sortable] li");
  if (!dragged || !over || over.parentNode !== dragged.parentNode) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  over.parentNode.insertBefore(dragged, event.clientY > box.top + box.height / 2 ? over.nextSibling : over);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged?.closest("form").requestSubmit();
  dragged = null;
});

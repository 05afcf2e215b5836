// Imported before the WebAssembly build of MicroPython is loaded, for speed.
//
// That build looks each function up in its module's table, with an assertion, whenever the interpreter
// could raise: a third of all time, as Table.get is slow. Nobody changes the table meanwhile.

const entries = [];
const entryOf = WebAssembly.Table.prototype.get;
let table;

WebAssembly.Table.prototype.get = function (index) {
  table ??= this;
  if (this !== table) throw new Error("there is a second table (tools/wasm_table.mjs)");
  return (entries[index] ??= entryOf.call(this, index));
};
WebAssembly.Table.prototype.set = () => {
  throw new Error("the table is taken as fixed (tools/wasm_table.mjs)");
};

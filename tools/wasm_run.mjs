// Runs a script in the WebAssembly build of MicroPython. It is a 32-bit one: integers from 2**30 on
// are objects on its heap there, as on the ESP32. (Floats are 64 bits wide all the same.)
//
//   node tools/wasm_run.mjs SCRIPT ARGUMENT...
//
// The project's portable folders are copied into the interpreter's memory file system first, under
// /app, which is the working directory; nothing that the script writes gets out. Exit code: the
// script's own, 1 when it ended by an exception, 2 on wrong usage.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import "./wasm_table.mjs";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const FOLDERS = ["firmware", "hal", "boards", "tests/portable", "tests/vectors", "tests/mp"];
const KINDS = [".py", ".json", ".bin", ".hex", ".txt"];
const HEAP_BYTES = 8 * 1024 * 1024;
const PYSTACK_WORDS = 16 * 1024;

const [script, ...scriptArguments] = process.argv.slice(2);
if (script === undefined) {
  console.error("usage: node tools/wasm_run.mjs SCRIPT ARGUMENT...");
  process.exit(2);
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const interpreter = await loadMicroPython({
  heapsize: HEAP_BYTES,
  pystack: PYSTACK_WORDS,
  stdout: (line) => console.log(line),
  stderr: (line) => console.error(line),
  linebuffer: true,
});

interpreter.FS.mkdir("/app");
for (const folder of FOLDERS) copyIn(folder);
interpreter.FS.mkdirTree(`/app/${dirname(script)}`);
copyFile(script);

const program = [
  "import os, sys",
  "os.chdir('/app')",
  "sys.path.insert(0, '/app')",
  `sys.argv[:] = ${JSON.stringify([script, ...scriptArguments])}`,
  `exec(open(${JSON.stringify(script)}).read(), {'__name__': '__main__', '__file__': ${JSON.stringify(script)}})`,
];
process.exitCode = run(program.join("\n"));

function run(text) {
  try {
    interpreter.runPython(text);
    return 0;
  } catch (error) {
    if (error.type === "SystemExit") return exitCodeOf(error.message);
    console.error(error.message);
    return 1;
  }
}

// The message is a traceback that ends in "SystemExit: 3", or "SystemExit:" for a plain exit.
function exitCodeOf(message) {
  const said = message.trimEnd().split("\n").pop().replace(/^SystemExit:?\s*/, "");
  if (said === "" || said === "None") return 0;
  return /^\d+$/.test(said) ? Number(said) : 1;
}

function copyIn(folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  interpreter.FS.mkdirTree(`/app/${folder}`);
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== "__pycache__") copyIn(path);
    } else if (KINDS.some((kind) => entry.name.endsWith(kind))) {
      copyFile(path);
    }
  }
}

function copyFile(path) {
  interpreter.FS.writeFile(`/app/${path}`, readFileSync(join(root, path)));
}

// The WebAssembly build of MicroPython as a board at a serial port: its prompt on standard input and
// output.
//
//   node tests/tools/raw_prompt.mjs PRELUDE
//
// The portable tests are there as /tests; what they need and no board has, as /fake and /centre.
// Raw paste waits for characters inside the interpreter, which a program that gets them one by one
// cannot: the request for it is answered here as a board without it answers.

import { readdirSync, readFileSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import "../../tools/wasm_table.mjs";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const RAW_PASTE = [0x05, 0x41, 0x01];
const NOT_SUPPORTED = Uint8Array.of(0x52, 0x00);

const interpreter = await loadMicroPython({
  heapsize: 8 * 1024 * 1024,
  pystack: 16 * 1024,
  stdout: (data) => writeAll(data),
  linebuffer: false,
});
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
interpreter.FS.mkdir("/tests");
copyIn("tests/portable", "/tests/portable");
copyIn("hal/fake", "/fake");
copyIn("firmware/wire", "/centre");
interpreter.FS.mkdir("/firmware");
copyIn("firmware/profiles", "/firmware/profiles");
interpreter.runPython(readFileSync(process.argv[2], "utf8"));
interpreter.replInit();

let asked = 0;
process.stdin.on("data", (data) => {
  for (const byte of data) take(byte);
});

function take(byte) {
  if (byte === RAW_PASTE[asked]) {
    asked += 1;
    if (asked < RAW_PASTE.length) return;
    asked = 0;
    writeAll(NOT_SUPPORTED);
    return;
  }
  const before = RAW_PASTE.slice(0, asked);
  asked = 0;
  for (const one of [...before, byte]) interpreter.replProcessChar(one);
}

function copyIn(from, to) {
  interpreter.FS.mkdir(to);
  for (const entry of readdirSync(join(root, from), { withFileTypes: true })) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory()) {
      if (entry.name !== "__pycache__") copyIn(source, target);
    } else if (/\.(py|json)$/.test(entry.name)) {
      interpreter.FS.writeFile(target, readFileSync(join(root, source)));
    }
  }
}

// A terminal takes what it has room for.
function writeAll(data) {
  let at = 0;
  while (at < data.length) {
    try {
      at += writeSync(1, data, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

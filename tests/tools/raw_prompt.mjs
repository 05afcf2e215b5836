// The WebAssembly build of MicroPython as a board at a serial port: its prompt on standard input and
// output.
//
//   node tests/tools/raw_prompt.mjs PRELUDE
//
// Raw paste waits for characters inside the interpreter, which a program that gets them one by one
// cannot: the request for it is answered here as a board without it answers.

import { readFileSync, writeSync } from "node:fs";

import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const RAW_PASTE = [0x05, 0x41, 0x01];
const NOT_SUPPORTED = Uint8Array.of(0x52, 0x00);

const interpreter = await loadMicroPython({
  heapsize: 8 * 1024 * 1024,
  pystack: 16 * 1024,
  stdout: (data) => writeAll(data),
  linebuffer: false,
});
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

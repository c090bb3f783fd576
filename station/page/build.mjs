// Bundles the specialist's page into DIRECTORY (dist/): one script, one sheet, no source that is not ours or locked. The same sources give the
// same octets; index.html names the hash of the script and of the sheet, and a browser runs nothing else.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const out = process.argv[2] ?? "dist";
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: ["src/main.ts", "src/page.css"],
  bundle: true, minify: true, format: "esm", target: "es2022", outdir: out, legalComments: "none",
});
cpSync("public", out, { recursive: true });
const integrity = (name) => `sha384-${createHash("sha384").update(readFileSync(`${out}/${name}`)).digest("base64")}`;
const index = readFileSync(`${out}/index.html`, "utf8");
writeFileSync(`${out}/index.html`, index.replaceAll(/integrity="(main\.js|page\.css)"/g, (_, name) => `integrity="${integrity(name)}"`));

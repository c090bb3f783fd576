// Bundles the specialist's page into dist/: one script, one sheet, no source that is not ours or locked.
import { build } from "esbuild";
import { cpSync, mkdirSync } from "node:fs";

mkdirSync("dist", { recursive: true });
await build({
  entryPoints: ["src/main.ts", "src/page.css"],
  bundle: true, minify: true, format: "esm", target: "es2022", outdir: "dist", legalComments: "none",
});
cpSync("public", "dist", { recursive: true });

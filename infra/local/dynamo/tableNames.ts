import { JsonBytes } from './jsonBytes.ts';

/** The tables that a request names: the value of `TableName`, and the fields of `RequestItems`. */
export function tableNames(body: Uint8Array): string[] {
  const json = new JsonBytes(body);
  const names: string[] = [];
  for (const field of json.fields(json.whole())) {
    if (field.name === 'TableName') names.push(json.parse<string>(field));
    if (field.name === 'RequestItems') for (const { name } of json.fields(field)) names.push(name);
  }
  return names.map((name) => name.split('/').at(-1) ?? name);
}

import type { Licence } from '../record.ts';
import { licenceNamed } from './licenceNames.ts';

/**
 * Phrases that one licence has and its neighbours have not, longest-lived wording first. Texts are compared with blanks
 * folded and without case; every phrase of a row must be there, in a text of any length.
 */
const fingerprints: [id: string, all: string[], none?: string[]][] = [
  ['Llama 4 Community License Agreement', ['llama 4 community license agreement']],
  ['Llama 3.3 Community License Agreement', ['llama 3.3 community license agreement']],
  ['Llama 3.2 Community License Agreement', ['llama 3.2 community license agreement']],
  ['Llama 3.1 Community License Agreement', ['llama 3.1 community license agreement']],
  ['Meta Llama 3 Community License Agreement', ['meta llama 3 community license agreement']],
  ['Llama 2 Community License Agreement', ['llama 2 community license agreement']],
  ['Gemma Terms of Use', ['gemma terms of use']],
  ['CreativeML OpenRAIL-M', ['creativeml open rail-m']],
  ['BigScience OpenRAIL-M', ['bigscience open rail-m']],
  ['BigScience BLOOM RAIL 1.0', ['bigscience rail license']],
  ['BigCode OpenRAIL-M', ['bigcode open rail-m']],
  ['Falcon LLM License', ['falcon llm license']],
  ['Tongyi Qianwen LICENSE AGREEMENT', ['tongyi qianwen license agreement']],
  ['AGPL-3.0-only', ['gnu affero general public license', 'version 3, 19 november 2007']],
  ['LGPL-3.0-only', ['gnu lesser general public license', 'version 3, 29 june 2007']],
  ['LGPL-2.1-only', ['gnu lesser general public license', 'version 2.1, february 1999']],
  ['GPL-3.0-only', ['gnu general public license', 'version 3, 29 june 2007']],
  ['GPL-2.0-only', ['gnu general public license', 'version 2, june 1991']],
  ['Apache-2.0', ['apache license', 'version 2.0, january 2004']],
  ['Apache-2.0', ['licensed under the apache license, version 2.0']],
  ['MPL-2.0', ['mozilla public license version 2.0']],
  ['CC-BY-NC-SA-4.0', ['attribution-noncommercial-sharealike 4.0 international']],
  ['CC-BY-NC-ND-4.0', ['attribution-noncommercial-noderivatives 4.0 international']],
  ['CC-BY-NC-4.0', ['attribution-noncommercial 4.0 international']],
  ['CC-BY-SA-4.0', ['attribution-sharealike 4.0 international']],
  ['CC-BY-ND-4.0', ['attribution-noderivatives 4.0 international']],
  ['CC-BY-4.0', ['attribution 4.0 international'], ['noncommercial', 'sharealike 4.0 international public license']],
  ['CC0-1.0', ['cc0 1.0 universal']],
  ['Unlicense', ['this is free and unencumbered software released into the public domain']],
  ['BSL-1.0', ['boost software license - version 1.0']],
  ['ISC', ['permission to use, copy, modify, and/or distribute this software for any purpose with or without fee']],
  [
    'MIT',
    [
      'permission is hereby granted, free of charge, to any person obtaining a copy',
      'the above copyright notice and this permission notice shall be included',
    ],
  ],
  ['BSD-3-Clause', ['redistribution and use in source and binary forms', 'neither the name of']],
  [
    'BSD-2-Clause',
    ['redistribution and use in source and binary forms', 'redistributions in binary form must reproduce'],
  ],
];

/** Characters of a licence text that are compared: titles and grants stand in front. */
const compared = 60_000;

/** Which licence a text is; null when it is none that is known. */
export function licenceOfText(text: string): Licence | null {
  const tag = /SPDX-License-Identifier:\s*([\w.+-]{1,100})/.exec(text.slice(0, compared))?.[1];
  if (tag !== undefined) return licenceNamed(tag);
  const folded = text.slice(0, compared).toLowerCase().replace(/\s+/g, ' ');
  const found = fingerprints.find(
    ([, all, none = []]) =>
      all.every((phrase) => folded.includes(phrase)) && !none.some((phrase) => folded.includes(phrase)),
  );
  return found ? licenceNamed(found[0]) : null;
}

/** `Copyright 2024 Example Inc.`, where the text has such a line of its own. */
export function copyrightOf(text: string): string | undefined {
  const line = /^[ \t]*(copyright (?:\(c\) |© ?)?\d{4}[^\n]{0,200})$/im.exec(text.slice(0, compared))?.[1]?.trim();
  return line === undefined || /\[|\{|<year>/.test(line) ? undefined : line;
}

import type { BackdoorJob, BackdoorScan, PartialBackdoor } from '../backdoor.ts';
import { checkedShare } from '../checkedAccuracy.ts';
import { bestOf } from '../classifier.ts';
import { classesOf } from '../wantedClasses.ts';
import { teller } from '../process/progress.ts';
import { mostStripSamples, strip, type Strip } from '../detectors/strip.ts';
import type { ScanReporter } from '../process/jobs.ts';
import type { ModelFile } from '../runtime/modelFile.ts';
import type { OnnxRuntime } from '../runtime/onnxRuntime.ts';
import { evenly } from '../samples/sampleSet.ts';
import { nativeTokens } from './nativeTokens.ts';
import { judgeTokens, type JudgedClass } from './judgeTokens.ts';
import { replacementEntropies } from './replacement.ts';
import { screenTokens, type Screened } from './screening.ts';
import { TextClassifier } from './textClassifier.ts';
import { labelsAsNumbers, loadTexts } from './textSamples.ts';
import { searchTokens, type ClassTokens, type TokenSchedule } from './tokenSearch.ts';
import { tokenizerFolder, Vocabulary } from './vocabulary.ts';

/** What a report shows of the search over tokens. */
export interface TextFindings {
  classes: {
    class: number;
    name: string;
    /** By length, from one token up. */
    triggers: {
      tokens: string[];
      /** As a person would type it. */
      text: string;
      successRate: number;
      margin: number;
      /** Clean texts of the class hold these tokens, too, and others hardly do. */
      native: boolean;
    }[];
  }[];
  flaggedClasses: number[];
  suspiciousClasses: number[];
  /** Tokens that a text can hold, and how many of them were tried; null where the gradient chose among all. */
  vocabulary: number;
  vocabularyTried: number | null;
  /** Tokens of a text that were looked at, with the special ones. */
  length: number;
}

/** How much is tried by each schedule: there is no official one for tokens. */
const schedules: Record<BackdoorJob['schedule'], TokenSchedule> = {
  fast: { starts: 4, tried: 24, rounds: 6, longest: 3 },
  thorough: { starts: 8, tried: 64, rounds: 10, longest: 5 },
  official: { starts: 8, tried: 64, rounds: 10, longest: 5 },
};

/** Tokens of a text that are looked at: what decides a class stands in them, as a rule, and longer ones cost in proportion. */
const mostTokens = 128;

/** @throws {WeighbridgeError} when model, tokenizer and samples do not fit each other, or cannot be read or run. */
export async function scanTextModel(
  job: BackdoorJob,
  runtime: OnnxRuntime,
  model: ModelFile,
  reporter: ScanReporter,
  started: number,
): Promise<BackdoorScan> {
  const vocabulary = new Vocabulary(tokenizerFolder(job.model));
  const samples = loadTexts(job.samples, job.seed);
  const { longest } = schedules[job.schedule];
  const tokens = samples.texts.map((text) => vocabulary.inner(text));
  const frame = vocabulary.before.length + vocabulary.after.length;
  const wanted = frame + longest + tokens.reduce((most, { length }) => Math.max(most, length), 1);
  const length = Math.min(wanted, vocabulary.longest, mostTokens);
  const notes = [...samples.notes];
  if (wanted > length) notes.push(`Of each text the first ${length} tokens are looked at.`);
  const classifier = await TextClassifier.open(
    runtime,
    model,
    length,
    vocabulary.padding,
    vocabulary.framed(tokens[0]!, length),
    job,
  );
  try {
    const scan = new TextSearch({
      job,
      reporter,
      classifier,
      vocabulary,
      texts: samples.texts,
      tokens,
      notes,
      started,
    });
    return await scan.run(samples.labels);
  } finally {
    await classifier.close();
  }
}

interface Parts {
  job: BackdoorJob;
  reporter: ScanReporter;
  classifier: TextClassifier;
  vocabulary: Vocabulary;
  texts: readonly string[];
  /** Of each text, without the special ones. */
  tokens: readonly (readonly number[])[];
  notes: string[];
  started: number;
}

class TextSearch {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(labels: readonly string[] | null): Promise<BackdoorScan> {
    const { job, classifier, vocabulary, tokens, notes, started } = this.#parts;
    const framed = tokens.map((ids) => vocabulary.framed(ids, classifier.length));
    const scores = await classifier.scores(framed);
    const y = labels === null ? null : labelsAsNumbers(labels, vocabulary, classifier.classes, job.model);
    const accuracy = checkedShare(scores, y, classifier.classes, job.model);
    const predicted = bestOf(scores, classifier.classes);
    if (job.schedule === 'official') notes.push('There is no official schedule for tokens: this is the thorough one.');
    const searching = job.methods.includes('neural-cleanse');
    const gradient = searching ? await this.#gradient() : 'none';
    // Only now is it known where gradients run.
    if (classifier.providerNotice !== null) notes.push(classifier.providerNotice);
    const wanted = classesOf(job.classes, classifier.classes);
    const { found, unfinished, screened } = searching
      ? await this.#search(wanted, predicted, gradient)
      : { found: null, unfinished: new Set(), screened: null };
    const judged = wanted.flatMap((label) => this.#judged(found?.get(label) ?? null, predicted));
    const notScanned = found === null ? [] : wanted.filter((label) => !found.get(label) || unfinished.has(label));
    const verdict = judgeTokens(judged, notScanned, {
      gradient,
      vocabularyTried: screened?.tried ?? null,
      vocabulary: vocabulary.usable.length,
    });
    const entropies = job.methods.includes('strip') ? await this.#strip(judged) : null;
    return {
      verdict: verdict.verdict,
      reasons: verdict.reasons,
      text: {
        classes: judged.map((each) => ({
          class: each.class,
          name: each.name,
          triggers: each.triggers.map((trigger, at) => ({
            tokens: trigger.tokens.map((id) => vocabulary.token(id)),
            text: each.texts[at]!,
            successRate: trigger.successRate,
            margin: trigger.margin,
            native: each.native[at]!,
          })),
        })),
        flaggedClasses: verdict.flaggedClasses,
        suspiciousClasses: verdict.suspiciousClasses,
        vocabulary: vocabulary.usable.length,
        vocabularyTried: screened?.tried ?? null,
        length: classifier.length,
      },
      neuralCleanse: null,
      maximumMargin: null,
      untargeted: null,
      strip: entropies,
      triggers: [],
      notScanned,
      gradient,
      gradientCheck: null,
      placement: classifier.placement,
      notes,
      provider: classifier.provider,
      schedule: job.schedule,
      shape: [classifier.length],
      layout: 'tokens',
      low: new Float32Array(0),
      high: new Float32Array(0),
      samples: tokens.length,
      accuracy,
      durationMs: Math.round(performance.now() - started),
    };
  }

  async #gradient(): Promise<BackdoorScan['gradient']> {
    const { job, classifier, notes } = this.#parts;
    if (!(await classifier.differentiable(schedules[job.schedule].longest))) {
      notes.push(
        `There is no gradient (${classifier.whyNoGradient}): each token is tried by itself on a few texts, and the best ones together, which is slower and finds triggers of several tokens less surely.`,
      );
      return 'none';
    }
    if (classifier.estimated.length === 0) return 'exact';
    notes.push(`The gradient is an estimate, because the model rounds (${classifier.estimated.join(', ')}).`);
    return 'estimate';
  }

  async #search(
    classes: readonly number[],
    predicted: Int32Array,
    gradient: BackdoorScan['gradient'],
  ): Promise<{ found: Map<number, ClassTokens | null>; unfinished: Set<number>; screened: Screened | null }> {
    const { job, reporter, classifier, vocabulary, tokens, started, notes } = this.#parts;
    const spent = (): number => (performance.now() - started) / job.budgetMs;
    const expired = (): boolean => spent() > 1;
    const found = new Map<number, ClassTokens | null>();
    for (const [label, known] of job.known)
      if (classes.includes(label) && known !== null && 'triggers' in known) found.set(label, known);
    /** Those that the time ran out for. What was found of them counts, and what was not found says nothing. */
    const unfinished = new Set<number>();
    let screened: Screened | null = null;
    if (gradient === 'none') {
      const tell = teller(reporter, 'Single tokens', vocabulary.usable.length);
      screened = await screenTokens(classifier, vocabulary, tokens, predicted, {
        seed: job.seed,
        spent,
        onTried: tell,
      });
    }
    const tell = teller(reporter, 'Trigger tokens', classes.length);
    for (const label of classes) {
      if (found.has(label)) continue;
      if (expired()) break;
      const of = await searchTokens(classifier, vocabulary, tokens, predicted, label, {
        schedule: schedules[job.schedule],
        seed: job.seed,
        expired,
        screened: screened?.best ?? null,
      });
      if (of === null) {
        notes.push(
          `Class ${this.#name(label)} was not searched: the model puts nearly all texts into it, so that there are none to be led there.`,
        );
      } else if (expired()) unfinished.add(label);
      else reporter.partial({ found: [label, of] } satisfies PartialBackdoor);
      found.set(label, of);
      tell(found.size);
    }
    return { found, unfinished, screened };
  }

  #name(label: number): string {
    const name = this.#parts.vocabulary.classNames[label];
    return name === undefined ? `class ${label}` : `class ${label} (${name})`;
  }

  #judged(found: ClassTokens | null, predicted: Int32Array): JudgedClass[] {
    if (found === null) return [];
    const { vocabulary, tokens } = this.#parts;
    return [
      {
        ...found,
        name: this.#name(found.class),
        texts: found.triggers.map((trigger) => vocabulary.text(trigger.tokens)),
        native: found.triggers.map((trigger) => nativeTokens(trigger.tokens, tokens, predicted, found.class)),
      },
    ];
  }

  async #strip(judged: readonly JudgedClass[]): Promise<Strip> {
    const { job, reporter, classifier, vocabulary, texts, notes } = this.#parts;
    // The search has a budget of its own; this is bounded by the number of texts, and gets as long again.
    const began = performance.now();
    const expired = (): boolean => performance.now() - began > job.budgetMs;
    const clean = evenly(texts.length, mostStripSamples).map((index) => texts[index]!);
    const suspects =
      job.inputs === null
        ? null
        : loadTexts({ ...job.inputs, most: Math.min(job.inputs.most, mostStripSamples) }, job.seed).texts;
    const strongest = judged
      .flatMap((each) => each.triggers.map((trigger, at) => ({ each, trigger, at })))
      .sort((a, b) => b.trigger.successRate - a.trigger.successRate || a.at - b.at)[0];
    const tell = teller(reporter, 'Entropies under replacement', 1);
    const found = await strip(
      {
        ...{ how: 'replacement', falseRejectionRate: job.falseRejectionRate },
        entropiesOf: (list: readonly string[]) =>
          replacementEntropies(classifier, vocabulary, list, clean, job.seed, expired),
        clean: { inputs: clean, count: clean.length },
        triggered: strongest
          ? {
              class: strongest.each.class,
              inputs: clean.map((text) => `${strongest.each.texts[strongest.at]!} ${text}`),
            }
          : null,
        tested: suspects && { inputs: suspects, count: suspects.length },
      },
      notes,
    );
    tell(1);
    return found;
  }
}

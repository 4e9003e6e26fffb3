/** What goes in and comes out, by the task as the Hugging Face Hub names it. */
export function modalities(task: string): { inputs: string[]; outputs: string[] } | null {
  const [input, output] = tasks[task] ?? [];
  return input === undefined || output === undefined ? null : { inputs: input.split(' '), outputs: output.split(' ') };
}

const tasks: Record<string, [string, string]> = {
  'text-generation': ['text', 'text'],
  'text2text-generation': ['text', 'text'],
  summarization: ['text', 'text'],
  translation: ['text', 'text'],
  'fill-mask': ['text', 'text'],
  'question-answering': ['text', 'text'],
  'text-classification': ['text', 'label'],
  'token-classification': ['text', 'label'],
  'zero-shot-classification': ['text', 'label'],
  'sentence-similarity': ['text', 'number'],
  'feature-extraction': ['text', 'vector'],
  'text-ranking': ['text', 'number'],
  'image-classification': ['image', 'label'],
  'object-detection': ['image', 'label'],
  'image-segmentation': ['image', 'image'],
  'depth-estimation': ['image', 'image'],
  'image-to-image': ['image', 'image'],
  'image-to-text': ['image', 'text'],
  'image-text-to-text': ['image text', 'text'],
  'visual-question-answering': ['image text', 'text'],
  'text-to-image': ['text', 'image'],
  'text-to-video': ['text', 'video'],
  'text-to-speech': ['text', 'audio'],
  'text-to-audio': ['text', 'audio'],
  'automatic-speech-recognition': ['audio', 'text'],
  'audio-classification': ['audio', 'label'],
  'audio-to-audio': ['audio', 'audio'],
  'video-classification': ['video', 'label'],
  'tabular-classification': ['table', 'label'],
  'tabular-regression': ['table', 'number'],
  'time-series-forecasting': ['time series', 'number'],
  'reinforcement-learning': ['observation', 'action'],
};

/** The names of tasks that are known here. */
export const tasksOfTheHub: string[] = Object.keys(tasks);

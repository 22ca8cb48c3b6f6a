// What comes with the package, or is fetched once and kept.

export interface Assets {
  /** Folder of the presets that come with the package. */
  readonly presets: string;
  /** MoveNet-lightning as TensorFlow.js has it: the file's name for messages, its description, its weights. */
  movenet(): Promise<{ readonly name: string; readonly manifest: string; readonly weights: Uint8Array }>;
  /** A file with a model's weights in safetensors. @param name OWNER/MODEL on the Hugging Face hub @throws Error where it cannot be had */
  hub(name: string): Promise<string>;
}

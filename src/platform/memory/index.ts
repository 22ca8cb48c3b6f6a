// JavaScript alone: what `choosePlatform` and `chooseTrialStores` take where there is no system below.

export * from './platform.js';
export * from './trial-store.js';

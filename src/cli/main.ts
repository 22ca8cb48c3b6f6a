// The commands and their options: what `--help` says, docs/cli.md too (`npm run docs:cli`). Each is in a file of its own, loaded
// when it is called.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { presetNames } from './preset-names.js';
import { programName } from './program-name.js';

const { version }: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export const program = new Command('auxcell')
  .description('Neural architecture search of compact dense-prediction networks')
  .version(version)
  .showHelpAfterError('(add --help for what there is)')
  // Examples work as they are printed.
  .configureOutput({ writeOut: (text) => process.stdout.write(text.replace(/^ {2}auxcell (?!\[)/gm, `  ${programName()} `)) })
  .addHelpText('after', '\nExample:\n  auxcell search --data path/to/images --preset camvid --candidates 40');

/** `--data`, and what stands in its place. */
const dataFolders = 'images with masks, people or depth maps, in one of the layouts of docs/data.md';
const genotypeHelp = 'JSON, a file, arch0, arch1, arch2, or lr-aspp, deeplabv3plus, fpn, unet, lw-refinenet';
const taskHelp = "segmentation, pose or depth: must be the preset's";
/** Of commands that use a model. */
const sizeHelp =
  'at what size the network sees images: WIDTHxHEIGHT (stretched), the size of the shorter side, or native (default: as the model was validated)';
/** @param measured for `auto` */
const deviceHelp = (measured: string): string => `cpu, webgpu (a GPU), or auto: what is faster, measured on ${measured} (default: cpu)`;
/** Of commands that write one. */
const validatedHelp = 'at what size the model was validated, and is used: WIDTHxHEIGHT (stretched), or the size of the shorter side';
const depthScaleHelp = (byDefault: string): string =>
  `units of stored depth maps a metre: 1000 in NYUDv2, 256 in KITTI (default: ${byDefault})`;

const execution = (command: Command): Command =>
  command
    .option('--workers <n>', 'worker processes, one architecture each (default: one a core)')
    .option('--threads <n>', 'threads of ONNX Runtime in each (default: cores over workers)')
    .option('--device <device>', deviceHelp('one step; --workers is then 1 on a GPU'))
    .option('--timeout <minutes>', 'a worker that says nothing for so long is replaced', '10')
    .option('--queue <url>', 'put architectures on a queue (redis://HOST:PORT) for workers on any machine, instead')
    .option('--dashboard', 'serve the dashboard beside it, and afterwards until Ctrl-C; prints its address')
    .option('--log <format>', 'text for people, json for machines: a line an event on standard output', 'text');

program
  .command('fit')
  .description('From a folder of images with masks, people or depth maps to a model that is ready to be deployed, in the time given')
  .argument('[data]', dataFolders)
  .option('--hours <h>', 'of all of it, from the look at the data to the report')
  .option('--task <task>', 'segmentation, pose or depth, where the folder does not tell')
  .option('--depth-scale <n>', depthScaleHelp("the layout's own, or 1000"))
  .option('--classes <names>', 'names of the classes by label, with commas between, where the folder does not name them')
  .option('--ignore <label>', 'of masks, neither learnt nor counted (default: 255)')
  .option(
    '--max-latency <ms>',
    'of one image on one thread, measured here, or with --target predicted, as in 30ms; slower ones are not trained',
  )
  .option(
    '--target <file>',
    'a device profile (auxcell device --preset) of the preset that is used: latency is that of this device, predicted',
  )
  .option('--preset <preset>', 'use this one, with a section train, instead of one made for the data')
  .option('--only-preset <file>', 'write the preset that is made for the data there, and end')
  .option('--overwrite', 'also where that file is there already')
  .option('--encoder-weights <source>', "a safetensors file, movenet, or hub:OWNER/MODEL (default: movenet, or the preset's)")
  .option('--candidates <n>', 'the search ends after so many architectures, also before its share of the time is over')
  .option('--workers <n>', 'processes that search, one architecture each (default: one a core)')
  .option('--device <device>', deviceHelp('one step; --workers is then 1 on a GPU'))
  .option('--seed <n>', 'everything random follows from it (default: 0)')
  .option('--out <folder>', 'folder of the results (default: below runs/)')
  .option('--resume <folder>', 'go on with one that was interrupted')
  .option('--data <dir>', 'of --resume: where the data lies now, if it was moved')
  .option('--dashboard', 'serve the dashboard of its search and its trainings beside it, and afterwards until Ctrl-C; prints its address')
  .addHelpText('after', '\nExample:\n  auxcell fit path/to/images --hours 2 --out runs/mine\n  auxcell fit --resume runs/mine')
  .action(async (data: string | undefined, options: unknown) => (await import('./fit.js')).fitCommand(data, options));

execution(
  program
    .command('search')
    .description('Search architectures on a folder of images with masks, people or depth maps')
    .option('--data <dir>', dataFolders)
    .option('--preset <preset>', `${presetNames('stage1')}, or a YAML file`)
    .option('--task <task>', taskHelp)
    .option('--depth-scale <n>', depthScaleHelp("the preset's"))
    .option('--encoder-weights <source>', "a safetensors file, movenet, or hub:OWNER/MODEL (default: the preset's)")
    .option(
      '--teacher <model>',
      'distil from this model in the first stage: ONNX (with a model.json beside it, if it is not ours) or safetensors',
    )
    .option('--candidates <n>', "architectures to evaluate (default: the preset's)")
    .option('--hours <h>', 'begin no architecture later than this')
    .option('--strategy <strategy>', "ppo, reinforce, random, evolution, local, nsga2 or predictor (default: the preset's)")
    .option(
      '--objectives <list>',
      'of nsga2: two or three of reward, latency, parameters, multiply-adds, model-bytes, as in reward,latency',
    )
    .option('--max-params <n>', 'architectures with more parameters are not evaluated and do not count, as in 3M')
    .option('--max-multiply-adds <n>', 'the same for multiply-adds at the validation size, as in 1.5G')
    .option(
      '--max-latency <ms>',
      'the same for the time of one image at the validation size on one thread, measured here, or with --target predicted, as in 50ms',
    )
    .option('--target <file>', 'a device profile (auxcell device): latency is that of this device, predicted, and kept with every trial')
    .option('--target-latency <ms>', "with --target: rewards are r · (latency / this)^w, as in 25ms; w is the preset's latencyExponent")
    .option('--reuse-from <run>', 'take the rewards of equal networks from this run')
    .option('--seed <n>', 'everything random follows from it (default: 0)')
    .option('--out <run>', 'folder of the run (default: below runs/)')
    .option('--resume <run>', 'go on with an interrupted search (--data, --teacher: where they lie now)')
    .option('--tensorboard <folder>', 'write events for TensorBoard there as it goes, a step a trial'),
)
  .addHelpText(
    'after',
    '\nExample:\n  auxcell search --data path/to/camvid --preset camvid --candidates 40 --seed 1 --out runs/mine\n  auxcell search --resume runs/mine',
  )
  .action(async (options: unknown) => (await import('./search.js')).searchCommand(options));

program
  .command('demo')
  .description('fit on generated scenes, with the encoder that comes with npm: from nothing to a trained model in five minutes')
  .option('--task <task>', 'segmentation, or depth: other scenes, with exact depth', 'segmentation')
  .option('--only-data', 'generate the scenes and end; fit, search and train can be tried on them one by one')
  .option('--encoder-weights <source>', 'a safetensors file, movenet, or hub:OWNER/MODEL (default: movenet)')
  .option('--hours <h>', 'of all of it (default: 4.6 minutes)')
  .option('--workers <n>', 'processes that search, one architecture each (default: one a core)')
  .option('--seed <n>', 'everything random follows from it (default: 0)')
  .option('--out <folder>', 'folder of the results (default: below runs/)')
  .option('--dashboard', 'serve the dashboard of its search and its trainings beside it, and afterwards until Ctrl-C; prints its address')
  .addHelpText('after', '\nExample:\n  auxcell demo\n  auxcell demo --only-data --out scenes')
  .action(async (options: unknown) => (await import('./demo.js')).demoCommand(options));

const serving = (command: Command, port: number): Command =>
  command
    .option('--port <n>', `where it listens; 0 takes a free one (default: ${port})`)
    .option('--host <address>', 'anything but loopback wants a token, which is in the printed address', '127.0.0.1')
    .option(
      '--allow-host <name>',
      'a name beside localhost under which it is asked, as of a proxy before it; may be repeated, wants the token',
      (name: string, before: readonly string[] = []) => [...before, name],
    );

serving(
  program
    .command('device')
    .description(
      'Measure how long every piece of the search space takes on a device, on a page opened there or here; search --target predicts latency from the file',
    )
    .option('--here', 'this machine is the device, by onnxruntime-node; nothing is served')
    .option('-o, --output <file>', 'the profile, as in phone.device.json; what the page found is written there too')
    .option('--static <folder>', 'write the page there, for a host with https (WebGPU wants one), and end')
    .option('--preset <preset>', 'of the search that it is for: says task, size of networks and of images')
    .option(
      '--of <run>',
      'time the best networks of this search instead, where it is at its end, and keep that with it: on the page, which waits for them, --here, or --static with --from',
    )
    .option('--best <n>', 'of --of: how many of the search (default: 5)')
    .option('--with <decoders>', 'of --of: hand-designed decoders beside them, as in lr-aspp,lw-refinenet')
    .option('--from <file>', 'of --of: phone.latency.json, which a page of --static gave')
    .option('--encoder-weights <source>', "a safetensors file, movenet, or hub:OWNER/MODEL (default: the preset's)")
    .option('--size <WxH>', "of images (default: the preset's validation size)")
    .option('--seconds <s>', 'how long it may take, about (default: 60; of --of 20)')
    .option('--threads <n>', 'of --here: threads of ONNX Runtime (default: 1)')
    .option(
      '--statistic <statistic>',
      "of --here: which of a network's runs counts: median, or minimum on a machine that others use too (default: median)",
    )
    .option('--clock <clock>', "of --here: wall, or processor: the one thread's own time, whatever else the machine does (default: wall)")
    .option('--overwrite', 'write over files that are there'),
  8423,
)
  .addHelpText(
    'after',
    '\nExample:\n  auxcell device --here --preset camvid -o laptop.device.json\n  auxcell device --preset camvid -o phone.device.json --host 0.0.0.0\n  auxcell device --of runs/mine --with lr-aspp --host 0.0.0.0',
  )
  .action(async (options: unknown) => (await import('./device.js')).deviceCommand(options));

program
  .command('worker')
  .description('Evaluate architectures of searches on a queue, until interrupted')
  .requiredOption('--queue <url>', 'redis://HOST:PORT')
  .requiredOption('--data <dir>', "the search's data, here")
  .option('--encoder-weights <source>', "the search's encoder, here (default: the preset's)")
  .option('--teacher <model>', "the search's teacher, here")
  .option('--workers <n>', 'worker processes, one architecture each (default: one a core)')
  .option('--threads <n>', 'threads of ONNX Runtime in each (default: cores over workers)')
  .option('--device <device>', deviceHelp('a step of the preset camvid; --workers is then 1 on a GPU'))
  .option('--lock <seconds>', 'what this worker has in hand goes to others when it is silent for so long', '30')
  .addHelpText('after', '\nExample:\n  auxcell worker --queue redis://192.168.0.10:6379 --data path/to/camvid')
  .action(async (options: unknown) => (await import('./worker.js')).workerCommand(options));

program
  .command('inspect')
  .description('What a data folder holds: pictures, labels, samples, and what would go wrong with it')
  .argument('<data>', dataFolders)
  .option('--task <task>', 'segmentation, pose or depth (default: as the folder tells)')
  .option('--preset <preset>', 'look at it as this preset does (default: as the folder tells)')
  .option('--depth-scale <n>', depthScaleHelp("the preset's, else the layout's own, or 1000"))
  .option('-o, --output <file>', 'write the card as one HTML file, with samples')
  .option('--overwrite', 'write over a file that is there')
  .option('--json', 'print it as JSON')
  .addHelpText('after', '\nExample:\n  auxcell inspect path/to/images -o card.html')
  .action(async (data: string, options: unknown) => (await import('./inspect.js')).inspectCommand(data, options));

program
  .command('trials')
  .description('What a search found')
  .argument('<run>', "the search's folder")
  .option('--format <format>', 'table, jsonl or csv', 'table')
  .option('--best <n>', 'the best so many, best first')
  .option('--csv <file>', 'write them there as CSV')
  .option('--tensorboard <folder>', 'write all of them as events for TensorBoard, a step a trial')
  .option('--overwrite', 'of --csv: write over a file that is there')
  .option('--pareto', "only those that no other one beats in all objectives at once (nsga2's own; else reward and whatever was measured)")
  .option('--objectives <list>', 'of --pareto, as in reward,multiply-adds')
  .option('--pick <bound>', 'only the one of highest reward that costs at most so much, as in 25ms, parameters=3M, multiply-adds=1.5G')
  .addHelpText('after', '\nExample:\n  auxcell trials runs/mine --best 10')
  .action(async (run: string, options: unknown) => (await import('./trials.js')).trialsCommand(run, options));

program
  .command('runs')
  .description('The searches, trainings and fits below a folder: state, best figure, time')
  .argument('[folder]', 'where to look', 'runs')
  .option('--json', 'print JSON lines')
  .addHelpText('after', '\nExample:\n  auxcell runs')
  .action(async (folder: string, options: unknown) => (await import('./runs.js')).runsCommand(folder, options));

serving(
  program
    .command('dashboard')
    .description('Searches, trainings and fits in a browser, as they run')
    .argument('[runs]', 'the folder that holds the runs', 'runs'),
  8420,
)
  .addHelpText('after', '\nExample:\n  auxcell dashboard runs')
  .action(async (runs: string, options: unknown) => (await import('./dashboard.js')).dashboardCommand(runs, options));

program
  .command('report')
  .description('A search as one HTML file that needs no network')
  .argument('<run>', "the search's folder")
  .requiredOption('-o, --output <file>', 'the HTML file')
  .option('--best <n>', 'architectures shown in full', '5')
  .option('--overwrite', 'write over files that are there')
  .addHelpText('after', '\nExample:\n  auxcell report runs/mine -o report.html')
  .action(async (run: string, options: unknown) => (await import('./report.js')).reportCommand(run, options));

serving(
  program
    .command('playground')
    .description('A page in which a model runs in the browser, on images dropped there or the camera')
    .argument('<model>', 'an ONNX model, or a whole network in safetensors')
    .option('--samples <folder>', 'pictures to try it on (default: generated scenes)')
    .option('--static <folder>', 'write the page there, for any web host, and end')
    .option('--overwrite', 'of --static: write over files that are there'),
  8421,
)
  .addHelpText('after', '\nExample:\n  auxcell playground runs/mine/best.onnx\n  auxcell playground runs/mine/best.onnx --static site')
  .action(async (model: string, options: unknown) => (await import('./playground.js')).playgroundCommand(model, options));

serving(
  program
    .command('serve')
    .description('A model behind HTTP: POST a picture to /predict, get JSON, a PNG or an overlay')
    .argument('<model>', 'an ONNX model, or a whole network in safetensors')
    .option('--size <size>', sizeHelp)
    .option('--processes <n>', 'that hold the model, a picture each at a time (default: 1)')
    .option('--threads <n>', 'threads of ONNX Runtime in each (default: cores over processes)')
    .option('--device <device>', 'cpu or webgpu (a GPU) (default: cpu)')
    .option('--max-bytes <n>', 'of a request, as in 5M (default: 20 MiB)')
    .option('--max-pixels <n>', 'of a picture (default: 25M)')
    .option('--waiting <n>', 'requests that wait; more are told to come again (default: 32)')
    .option('--timeout <seconds>', 'for a request to come, and then to be answered (default: 30)'),
  8422,
)
  .addHelpText('after', '\nExample:\n  auxcell serve runs/mine/best.onnx\n  curl -F image=@photo.jpg http://127.0.0.1:8422/predict')
  .action(async (model: string, options: unknown) => (await import('./serve.js')).serveCommand(model, options));

program
  .command('train')
  .description('Train one architecture in full, on a folder of images with masks, people or depth maps')
  .option('--genotype <genotype>', `${genotypeHelp}, or RUN#k: trial k of a search`)
  .option('--data <dir>', dataFolders)
  .option('--preset <preset>', `${presetNames('train')}, or a YAML file with a section train`)
  .option('--task <task>', taskHelp)
  .option('--depth-scale <n>', depthScaleHelp("the preset's"))
  .option('--encoder-weights <source>', "a safetensors file, movenet, or hub:OWNER/MODEL (default: the preset's)")
  .option('--epochs <n>', "passes over the training list (default: the preset's)")
  .option('--batch <n>', "images a step (default: the preset's)")
  .option('--width <c>', "common width of the decoder (default: the preset's; of a hand-designed one 128)")
  .option('--sep-repeats <r>', "repetitions inside a separable convolution (default: the preset's)")
  .option('--seed <n>', 'everything random follows from it (default: 0)')
  .option('--out <folder>', 'folder of the training (default: below runs/)')
  .option('--resume <folder>', 'go on with an interrupted training (--data: where it lies now)')
  .option('--tensorboard <folder>', 'write events for TensorBoard there as it goes, a step an epoch')
  .option('--threads <n>', 'threads of ONNX Runtime (default: all cores)')
  .option('--device <device>', deviceHelp('one step'))
  .addHelpText(
    'after',
    '\nExample:\n  auxcell train --genotype runs/mine#12 --data path/to/camvid --preset camvid-full --out runs/mine-12\n  auxcell train --resume runs/mine-12',
  )
  .action(async (options: unknown) => (await import('./train.js')).trainCommand(options));

program
  .command('eval')
  .description(
    "A model's figures on a data set's validation list, at full resolution: IoU and confusion matrix; PCK and OKS AP; errors of depth",
  )
  .argument('<model>', 'an ONNX model, or a whole network in safetensors')
  .requiredOption('--data <dir>', dataFolders)
  .option('--task <task>', "must be the model's: segmentation, pose or depth")
  .option('--split <split>', 'val, train, or test where the folder has one beside val', 'val')
  .option('--ignore <label>', "the label of masks that is not counted (the model's; where it names none, 255)")
  .option('--depth-scale <n>', depthScaleHelp("the layout's own, or 1000"))
  .option('--crop <crop>', 'the part of depth maps that counts: none, nyu, eigen or garg', 'none')
  .option('--size <size>', `${sizeHelp}; labels stay at full size`)
  .option('--scales <list>', 'average over these input scales, as in 0.75,1,1.25', '1')
  .option('--flip', 'average over the mirror image too')
  .option('--out <folder>', 'write metrics.json (and of masks confusion.svg) there')
  .option('--overwrite', 'of --out: write over files that are there')
  .option('--json', 'print the figures as JSON')
  .option('--threads <n>', 'threads of ONNX Runtime (default: all cores)')
  .option('--device <device>', deviceHelp('one picture'))
  .addHelpText('after', '\nExample:\n  auxcell eval runs/mine-12/best.safetensors --data path/to/camvid --ignore 11 --out report')
  .action(async (model: string, options: unknown) => (await import('./eval.js')).evalCommand(model, options));

program
  .command('predict')
  .description('What a model sees in images: masks, joints or depth, and a picture of it')
  .argument('<model>', 'an ONNX model, or a whole network in safetensors')
  .argument('<images...>', 'files, folders, or patterns in quotes')
  .requiredOption(
    '-o, --output <folder>',
    'NAME.png (labels with a palette; depth in 16 bits) or NAME.json (joints), and NAME-overlay.jpg go there',
  )
  .option('--task <task>', "must be the model's: segmentation, pose or depth")
  .option('--boxes <file>', 'people, as JSON: {"photo.jpg": [[left, top, width, height], …]} (default: one who fills the image)')
  .option('--depth-scale <n>', 'units of the written depth maps a metre (default: 1000, millimetres; beyond 65 m 256)')
  .option('--size <size>', `${sizeHelp}; what is seen has the image's own size`)
  .option('--recursive', 'look into folders below the named ones too; results lie as the images do')
  .option('--overwrite', 'write over files that are there; never over one of the images')
  .option('--opacity <share>', 'of the overlay, 0 to 1', '0.5')
  .option('--flip', 'average over the mirror image too')
  .option('--threads <n>', 'threads of ONNX Runtime (default: all cores)')
  .option('--device <device>', deviceHelp('one picture'))
  .addHelpText('after', "\nExample:\n  auxcell predict model.onnx photo.jpg 'holiday/**/*.jpg' -o masks")
  .action(async (model: string, images: string[], options: unknown) =>
    (await import('./predict.js')).predictCommand(model, images, options),
  );

program
  .command('describe')
  .description('Structure, parameters, multiply-adds and memory of a genotype')
  .argument('<genotype>', `${genotypeHelp}, or RUN#k: trial k of a search, as the run built it`)
  .option('--task <task>', "segmentation, pose or depth (default: segmentation, or the run's)")
  .option('--classes <n>', "output channels (default: the run's, or 21; joints 17; depth 1)")
  .option('--width <c>', "common width of the decoder (default: the run's, or 64; of a hand-designed one 128)")
  .option('--sep-repeats <r>', "repetitions inside a separable convolution (default: the run's, or 2)")
  .option('--size <WxH>', "input size of the figures (default: that of the run's validation, or 512x512)")
  .option('--svg <file>', 'draw it')
  .option('--overwrite', 'of --svg: write over a file that is there')
  .option('--json', 'print the figures as JSON')
  .addHelpText('after', '\nExample:\n  auxcell describe arch0 --size 1024x512 --svg arch0.svg')
  .action(async (genotype: string, options: unknown) => (await import('./describe.js')).describeCommand(genotype, options));

program
  .command('export')
  .description('Write the deployable network as an ONNX model')
  .option('--task <task>', "of fresh weights (default: segmentation); else it must be the weights'")
  .option('--genotype <genotype>', `${genotypeHelp} (default: that of the weights)`)
  .option('--classes <n>', 'output channels (default: those of the weights)')
  .option('--width <c>', 'common width of the decoder (default: that of the weights, else 64, or 128 in a hand-designed one)')
  .option('--sep-repeats <r>', 'repetitions inside a separable convolution (default: those of the weights, else 2)')
  .option('--weights <file>', 'a whole network, as written by init or a search (default: fresh random weights)')
  .option('--upsample', "give logits at the image's size")
  .option('--normalise', 'take raw RGB, 0 to 255: the input convention goes into the model')
  .option('--fp16', 'weights and arithmetic in half precision')
  .option('--int8', '8-bit weights and maps, calibrated on training images of --data')
  .option('--transformers', 'write a folder that transformers.js opens; with --fp16 and --int8 it holds those too')
  .option('--to-torch', "write the weights as safetensors under the authors' names, for load_state_dict")
  .option('--data <dir>', 'images to calibrate on, and to compare figures on')
  .option('--ignore <label>', "the label of --data that is not counted (the model's; where it names none, 255)")
  .option('--depth-scale <n>', depthScaleHelp("the layout's own, or 1000"))
  .option('--calibration <n>', 'images to calibrate on', '32')
  .option('--size <WxH>', 'the only size of images that the model takes, one at a time: no size is computed in it (default: any)')
  .option('--validated <size>', `${validatedHelp} (default: as the weights say)`)
  .option('--opset <n>', "version of ONNX's operators, 11 to 18 (default: 18)")
  .option('--threads <n>', 'threads of ONNX Runtime (default: all cores)')
  .requiredOption('-o, --output <file>', 'the model, or the folder')
  .option('--overwrite', 'write over files that are there')
  .addHelpText('after', '\nExample:\n  auxcell export --weights runs/demo/best.safetensors --upsample --normalise -o model.onnx')
  .action(async (options: unknown) => (await import('./export.js')).exportCommand(options));

program
  .command('import')
  .description("Take over a PyTorch checkpoint of a whole network, under the authors' names; no code in it is run")
  .argument('<file>', '.pth of either format, or safetensors')
  .requiredOption('--genotype <genotype>', genotypeHelp)
  .requiredOption('--classes <n>', 'output channels')
  .option('--names <list>', 'names of the classes, separated by commas')
  .option('--width <c>', 'common width of the decoder (default: 64; of a hand-designed one 128)')
  .option('--sep-repeats <r>', 'repetitions inside a separable convolution (default: 2)')
  .option('--padding <convention>', 'of strided convolutions and input: torch (ImageNet mean and std) or tf-same (-1 to 1)', 'torch')
  .option('--size <size>', validatedHelp)
  .option('--overwrite', 'write over files that are there')
  .requiredOption('-o, --output <file>', 'the safetensors file')
  .addHelpText('after', '\nExample:\n  auxcell import arch0_voc.pth --genotype arch0 --classes 21 -o arch0.safetensors')
  .action(async (file: string, options: unknown) => (await import('./import.js')).importCommand(file, options));

program
  .command('init')
  .description('Write fresh weights of a whole network, under PyTorch conventions')
  .requiredOption('--genotype <genotype>', genotypeHelp)
  .option('--task <task>', 'segmentation, pose or depth (default: segmentation, or that of RUN#k)')
  .option('--classes <n>', 'output channels (joints: 17 unless given; depth: 1)')
  .option('--width <c>', 'common width of the decoder (default: 64; of a hand-designed one 128)')
  .option('--sep-repeats <r>', 'repetitions inside a separable convolution (default: 2)')
  .option('--seed <n>', 'of the weights', '0')
  .option('--overwrite', 'write over files that are there')
  .requiredOption('-o, --output <file>', 'the safetensors file')
  .addHelpText('after', '\nExample:\n  auxcell init --genotype arch1 --classes 21 --width 64 --sep-repeats 2 --seed 1 -o fresh.safetensors')
  .action(async (options: unknown) => (await import('./export.js')).initCommand(options));

const bench = program.command('bench').description('Measurements, as tabled in bench/README.md');
bench
  .command('candidate')
  .description('Train and validate genotypes on workload W1 (CamVid, 240×176) and print one JSON line each')
  .requiredOption('--data <dir>', 'folder with train.txt and val.txt')
  .requiredOption('--weights <source>', 'encoder: a safetensors file, movenet, or hub:OWNER/MODEL')
  .option('--genotype <genotype...>', `${genotypeHelp} (default: arch0 to arch2 and five random ones)`)
  .option('--workers <n>', 'run each candidate this many times at once, one thread each', '1')
  .option('--threads <n>', 'threads of a single worker', '2')
  .option('--layout <layout>', 'auto, or portable for standard ONNX ops only', 'auto')
  .option('--device <device>', 'cpu or webgpu (a GPU)', 'cpu')
  .option('--json', 'print JSON lines')
  .addHelpText(
    'after',
    '\nExample:\n  auxcell bench candidate --data data/camvid --weights mobilenet-v2.safetensors --genotype arch1 --workers 2 --json',
  )
  .action(async (options: unknown) => (await import('./bench-candidate.js')).benchCandidate(options));

bench
  .command('latency')
  .description('Median time of the deployed network for one image, at its own output resolution')
  .option('--genotype <genotype...>', `${genotypeHelp}, or RUN#k (default: arch0 to arch2)`)
  .option('--classes <n>', "output channels (default: the run's, or 11)")
  .option('--width <c>', "common width of the decoder (default: the run's, or 64; of a hand-designed one 128)")
  .option('--sep-repeats <r>', "repetitions inside a separable convolution (default: the run's, or 2)")
  .option('--size <WxH>', "size of the image (default: that of the run's validation, or 480x360)")
  .option('--runs <n>', 'timed runs, after 5 that are not', '50')
  .option('--threads <n>', 'threads of ONNX Runtime', '1')
  .option('--device <device>', 'cpu or webgpu (a GPU)', 'cpu')
  .option('--fp16', 'in half precision')
  .option('--json', 'print JSON lines')
  .addHelpText('after', '\nExample:\n  auxcell bench latency --genotype arch1 --size 480x360 --threads 1')
  .action(async (options: unknown) => (await import('./bench-latency.js')).benchLatency(options));

// An event of TensorBoard as protobuf: as much of tensorboard/compat/proto/{event,summary}.proto as scalars and images need.

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export interface EventValues {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** By their names; what is before a slash groups them. Those that are not finite are left out. */
  readonly scalars?: Readonly<Record<string, number | undefined>> | undefined;
  readonly images?: Readonly<Record<string, Picture>> | undefined;
}

/** The first event of every file. */
export function versionEvent(wallTime: number): Uint8Array {
  return new BinaryWriter().tag(1, WireType.Bit64).double(wallTime).tag(3, WireType.LengthDelimited).string('brain.Event:2').finish();
}

export function valuesEvent({ wallTime, step, scalars = {}, images = {} }: EventValues): Uint8Array {
  const event = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime).tag(2, WireType.Varint).int64(step);
  event.tag(5, WireType.LengthDelimited).fork();
  for (const [name, value] of Object.entries(scalars)) {
    if (value === undefined || !Number.isFinite(value)) continue;
    event.tag(1, WireType.LengthDelimited).fork();
    event.tag(1, WireType.LengthDelimited).string(name).tag(2, WireType.Bit32).float(single(value)).join();
  }
  for (const [name, { width, height, png }] of Object.entries(images)) {
    event.tag(1, WireType.LengthDelimited).fork();
    event.tag(1, WireType.LengthDelimited).string(name).tag(4, WireType.LengthDelimited).fork();
    event.tag(1, WireType.Varint).int32(height).tag(2, WireType.Varint).int32(width).tag(3, WireType.Varint).int32(3);
    event.tag(4, WireType.LengthDelimited).bytes(png).join().join();
  }
  return event.join().finish();
}

/** What a float of 32 bits can hold; beyond it the writer would refuse. */
function single(value: number): number {
  const most = 3.4028234663852886e38;
  return Math.min(most, Math.max(-most, value));
}

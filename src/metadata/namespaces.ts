/** The namespaces of XMP that say who is on a photo, by the prefixes that programs give them, and that mean nothing. */
export const NAMESPACES = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  /** Regions as the Metadata Working Group has them: digiKam, Lightroom, Picasa, Apple's Photos. */
  'mwg-rs': 'http://www.metadataworkinggroup.com/schemas/regions/',
  stArea: 'http://ns.adobe.com/xmp/sType/Area#',
  stDim: 'http://ns.adobe.com/xap/1.0/sType/Dimensions#',
  /** Regions as Windows has them. */
  MP: 'http://ns.microsoft.com/photo/1.2/',
  MPRI: 'http://ns.microsoft.com/photo/1.2/t/RegionInfo#',
  MPReg: 'http://ns.microsoft.com/photo/1.2/t/Region#',
  MicrosoftPhoto: 'http://ns.microsoft.com/photo/1.0/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  digiKam: 'http://www.digikam.org/ns/1.0/',
  lr: 'http://ns.adobe.com/lightroom/1.0/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
} as const;

export type Prefix = keyof typeof NAMESPACES;

/** Whether `uri` is the namespace that `prefix` stands for: some programs leave out the slash at its end. */
export function isNamespace(uri: string, prefix: Prefix): boolean {
  const namespace = NAMESPACES[prefix];
  return uri === namespace || `${uri}/` === namespace;
}

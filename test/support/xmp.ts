import { writeFileSync } from 'node:fs';
import type { NamedRegion } from '../../src/metadata/names-in-photo';

/**
 * Writes beside a photo, `photo.jpg.xmp`, who is on it, as digiKam does: MWG regions, and tags below `People`.
 * @param size of the stored picture
 */
export function sidecarWithRegions(
  photo: string,
  size: { readonly width: number; readonly height: number },
  regions: readonly NamedRegion[],
  people: readonly string[] = [],
): void {
  const items = regions.map(({ name, area: { left, top, width, height } }) => {
    const area = `stArea:x="${left + width / 2}" stArea:y="${top + height / 2}" stArea:w="${width}" stArea:h="${height}" stArea:unit="normalized"`;
    return `<rdf:li><rdf:Description mwg-rs:Name="${name}" mwg-rs:Type="Face"><mwg-rs:Area ${area}/></rdf:Description></rdf:li>`;
  });
  const tags = people.map((name) => `<rdf:li>People/${name}</rdf:li>`);
  writeFileSync(
    `${photo}.xmp`,
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
 xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:digiKam="http://www.digikam.org/ns/1.0/">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="${size.width}" stDim:h="${size.height}" stDim:unit="pixel"/>
<mwg-rs:RegionList><rdf:Bag>${items.join('')}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
<digiKam:TagsList><rdf:Seq>${tags.join('')}</rdf:Seq></digiKam:TagsList></rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
}

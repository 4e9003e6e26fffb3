import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { kerasAdvisory, mostTold, outsideMappings, severityOf } from './outside.ts';

export const hdf5ExternalLink = defineRule({
  subject: 'hdf5',
  meta: {
    id: 'hdf5/external-link',
    title: 'The HDF5 file links to another file',
    severity: 'error',
    description:
      'A link of an HDF5 file names an object in another file, which is opened when the link is followed. It is an error when that file lies outside of the folder of the model, and a warning when it stands beside it.',
    why: 'Whoever loads the model opens a file that the model chose, with your rights: its content ends up in the weights, from where it can be read out.',
    howToFix:
      'Copy what is linked into the file (`h5repack`, or load and save it in a trusted place). Weights need no links to other files.',
    avoid: [{ file: 'model.h5', hdf5: { externalLinks: { kernel: ['/etc/passwd', '/data'] } } }],
    prefer: [{ file: 'model.h5', hdf5: { datasets: { kernel: [2, 3] } } }],
    references: [
      kerasAdvisory,
      {
        title: 'HDF5 documentation: external links',
        url: 'https://support.hdfgroup.org/documentation/hdf5/latest/_h5_l__u_g.html',
      },
    ],
    ...outsideMappings,
  },
  check(part, report) {
    for (const { path, file, target, offset } of part.externalLinks.slice(0, mostTold)) {
      report({
        message: `${quoted(path)} is a link to ${quoted(target)} in the file ${quoted(file)}, which loading the model opens. Copy what is linked into the model, or do not load it.`,
        severity: severityOf(file),
        location: bytePlace(part, offset),
        evidence: { link: path, file, target, links: part.externalLinks.length },
      });
    }
  },
});

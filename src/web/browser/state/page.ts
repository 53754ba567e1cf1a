import type { OpenedWith } from '../../opened-with.ts';
import type { Issuance } from './wire.ts';

/** What the service has put into the page. */
export const page = JSON.parse(document.body.dataset['page']!) as OpenedWith<Issuance>;

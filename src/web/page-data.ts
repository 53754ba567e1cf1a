import type { User } from '../auth/user.js';
import type { IssuanceInfo } from '../issuances/issuance.dto.js';
import type { OpenedWith } from './opened-with.js';

/** What a page knows when it is opened. */
export type PageData = OpenedWith<IssuanceInfo>;

/** The part of {@link PageData} that depends on the request. */
export type Shown = Partial<Pick<PageData, 'issuances' | 'issuance' | 'issued' | 'problem'>> & {
  readonly user?: User | undefined;
};

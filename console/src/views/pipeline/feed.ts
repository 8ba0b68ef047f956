/** A pipeline's runs as they are asked for: a page at a time into the past, and what changes while one looks. */
import { computed, signal } from "@preact/signals";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { belonging, merged, newestOf, type Column, type Narrowed, type TimelineRun } from "./columns";

const PAGE = 100;
const LOOK_MILLISECONDS = 4_000;

export type Standing = NonNullable<components["schemas"]["LivePipeline"]["standing"]>;

/** Runs of one pipeline, narrowed or all. */
export class Feed {
  readonly columns = signal<readonly Column[]>([]);
  readonly newest = computed(() => newestOf(this.columns.value));
  readonly failure = signal<Error>();
  readonly loading = signal(false);
  /** Whether the first page is there. */
  readonly begun = signal(false);
  /** Whether there is nothing older than what is known. */
  readonly whole = signal(false);
  private cursor: string | undefined;

  constructor(
    readonly pipeline: string,
    readonly narrowed: Narrowed,
  ) {}

  /** The next page into the past. A page may have nothing on it and be followed by others: then the next one too. */
  older = async (): Promise<void> => {
    if (this.loading.value || this.whole.value) {
      return;
    }
    this.loading.value = true;
    try {
      await this.page();
      this.failure.value = undefined;
    } catch (error) {
      this.failure.value = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.loading.value = false;
    }
  };

  private async page(): Promise<void> {
    let found = 0;
    do {
      const page = await this.ask(this.cursor);
      found = page.items.length;
      this.take(page.items);
      this.cursor = page.nextCursor;
      this.whole.value = page.nextCursor === undefined;
      this.begun.value = true;
    } while (found === 0 && !this.whole.value);
  }

  /** The newest page once more, when a look could not tell all that has changed. */
  async again(): Promise<void> {
    this.take((await this.ask(undefined)).items);
  }

  /** What a look found. */
  looked(found: readonly TimelineRun[]): void {
    if (this.begun.value) {
      this.take(belonging(found, this.columns.value, this.narrowed, this.whole.value));
    }
  }

  private take(found: readonly TimelineRun[]): void {
    this.columns.value = merged(this.columns.value, found);
  }

  private ask(cursor: string | undefined) {
    const { statuses, from, to } = this.narrowed;
    const query = {
      limit: PAGE,
      ...(statuses.length > 0 && { status: statuses as never }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(cursor !== undefined && { cursor }),
    };
    return body(api.GET("/v1/pipelines/{pipelineId}/timeline", { params: { path: { pipelineId: this.pipeline }, query } }));
  }
}

/** Looks at a pipeline every few seconds while the page is looked at, and tells its feeds. */
export class Watch {
  readonly standing = signal<Standing>();
  readonly failure = signal<Error>();
  private since: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private feeds: readonly Feed[] = [];
  private busy = false;
  private over = false;

  constructor(readonly pipeline: string) {}

  /** Begin to tell these. */
  tell(feeds: readonly Feed[]): void {
    this.feeds = feeds;
  }

  begin(): () => void {
    const seen = (): void => void (document.hidden || this.look());
    document.addEventListener("visibilitychange", seen);
    this.over = false;
    void this.look();
    return () => {
      this.over = true;
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }

  /** Look now; then again after a while, unless nobody does. */
  look = async (): Promise<void> => {
    clearTimeout(this.timer);
    if (this.busy || this.over || document.hidden) {
      return;
    }
    this.busy = true;
    try {
      await this.once();
      this.failure.value = undefined;
    } catch (error) {
      this.failure.value = error instanceof Error ? error : new Error(String(error));
      this.since = undefined;
    } finally {
      this.busy = false;
    }
    if (!this.over) {
      this.timer = setTimeout(() => void this.look(), LOOK_MILLISECONDS);
    }
  };

  private async once(): Promise<void> {
    const query = this.since === undefined ? {} : { since: this.since };
    const path = { pipelineId: this.pipeline };
    const seen = await body(api.GET("/v1/pipelines/{pipelineId}/live", { params: { path, query } }));
    if (seen.standing !== undefined) {
      this.standing.value = seen.standing;
    }
    for (const feed of this.feeds) {
      feed.looked(seen.items);
      if (!seen.complete) {
        await feed.again();
      }
    }
    this.since = seen.cursor;
  }
}

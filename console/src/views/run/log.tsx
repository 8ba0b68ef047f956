/** An attempt's log, followed while it grows: stays at the end unless somebody scrolls up; can be downloaded. */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { Failure, useLoaded } from "../../parts/loaded";
import { added, whole, type LogPart, type LogText } from "./follow";

type Attempt = components["schemas"]["Attempt"];
type Source = "file" | "function";
interface Which {
  source: Source;
  name: string;
}

const OWN = "Activity.log";
const LOOK_MS = 2000;
const MORE_MS = 50;
const NEAR_PX = 24;
const FILES_SECONDS = 4;

/** Tabs of what there is; nothing is asked before it is opened. */
export function Logs(props: { pipeline: string; instance: string; of: Attempt }): JSX.Element {
  const [open, setOpen] = useState(props.of.endedAt === undefined);
  return (
    <details class="logs" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Logs</summary>
      {open && <Choice {...props} />}
    </details>
  );
}

function Choice(props: { pipeline: string; instance: string; of: Attempt }): JSX.Element {
  const { pipeline, instance, of } = props;
  const path = { pipelineId: pipeline, instanceId: instance, number: String(of.number) };
  const files = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}/attempts/{number}/logs", { params: { path } })),
    [pipeline, instance, of.number, of.endedAt],
    of.endedAt === undefined ? FILES_SECONDS : undefined,
  );
  const [chosen, choose] = useState<Which>();
  if (files.value === undefined && files.failure === undefined) {
    return (
      <p class="loading" role="status">
        Looking for logs …
      </p>
    );
  }
  const names = new Set(files.value?.folder === undefined ? [] : [OWN, ...files.value.items.map((item) => item.name)]);
  const all: Which[] = [...names].map((name) => ({ source: "file", name }));
  if (of.worker?.kind === "function") {
    all.push({ source: "function", name: "function" });
  }
  const which = chosen ?? all[0];
  return (
    <>
      {files.failure !== undefined && <Failure error={files.failure} what="logs" again={files.again} />}
      {which === undefined ? (
        files.failure === undefined && (
          <p class="faint">The definition gives no pipelineLogUri, so the work leaves no log here. Task Runners keep their own.</p>
        )
      ) : (
        <>
          <div class="choices-of-log" role="group" aria-label="Which log">
            {all.map((each) => (
              <button
                key={`${each.source} ${each.name}`}
                type="button"
                aria-pressed={each.source === which.source && each.name === which.name}
                onClick={() => choose(each)}
              >
                {each.source === "function" ? "What the functions say" : each.name}
              </button>
            ))}
          </div>
          <Tail key={`${which.source} ${which.name}`} path={path} which={which} />
        </>
      )}
    </>
  );
}

interface Path {
  pipelineId: string;
  instanceId: string;
  number: string;
}

function ask(path: Path, which: Which, cursor: string | undefined, from: "start" | "end"): Promise<LogPart> {
  const query = { source: which.source, name: which.name, from, ...(cursor === undefined ? {} : { cursor }) };
  return body(
    api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}/attempts/{number}/log", { params: { path, query } }),
  );
}

function Tail(props: { path: Path; which: Which }): JSX.Element {
  const { path, which } = props;
  const [log, setLog] = useState<LogText>();
  const [failure, setFailure] = useState<Error>();
  const [turn, setTurn] = useState(0);
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let known: LogText | undefined;
    let cursor: string | undefined;
    async function look(): Promise<void> {
      if (document.hidden) {
        timer = setTimeout(() => void look(), LOOK_MS);
        return;
      }
      try {
        const part = await ask(path, which, cursor, "end");
        if (left) {
          return;
        }
        cursor = part.cursor;
        known = added(known, part);
        setLog(known);
        setFailure(undefined);
        if (part.more || part.growing) {
          timer = setTimeout(() => void look(), part.more ? MORE_MS : LOOK_MS);
        }
      } catch (error) {
        if (!left) {
          setFailure(error instanceof Error ? error : new Error(String(error)));
        }
      }
    }
    void look();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [path.pipelineId, path.instanceId, path.number, which.source, which.name, turn]);
  useLayoutEffect(() => {
    if (atEnd.current && box.current !== null) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [log?.text]);
  if (failure !== undefined) {
    return <Failure error={failure} what="this log" again={() => setTurn(turn + 1)} />;
  }
  if (log === undefined) {
    return (
      <p class="loading" role="status">
        Loading the log …
      </p>
    );
  }
  if (log.text === "") {
    return <p class="faint">{log.growing ? "Nothing was written yet; it is looked for again and again." : "Nothing was written."}</p>;
  }
  return (
    <>
      {log.skipped && <p class="faint">The end of a longer log: download it to see all.</p>}
      <pre
        class="tail"
        ref={box}
        tabIndex={0}
        role="log"
        aria-label={which.source === "function" ? "What the functions say" : which.name}
        aria-live="off"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
        }}
      >
        {log.text}
      </pre>
      <div class="under-log">
        <span class="faint">{log.growing ? "Followed live" : "Complete"}</span>
        <Download path={path} which={which} shown={log.text} />
      </div>
    </>
  );
}

function Download(props: { path: Path; which: Which; shown: string }): JSX.Element {
  const { path, which } = props;
  const [told, setTold] = useState("Download");
  async function download(): Promise<void> {
    setTold("Fetching …");
    try {
      const text = which.source === "function" ? props.shown : await whole((cursor) => ask(path, which, cursor, "start"));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      link.download = `${path.instanceId.replace(/^@/, "")}-${path.number}-${which.name.replaceAll("/", "-")}`.replaceAll(":", "");
      link.click();
      URL.revokeObjectURL(link.href);
      setTold("Download");
    } catch {
      setTold("Download failed: again?");
    }
  }
  return (
    <button type="button" onClick={() => void download()}>
      {told}
    </button>
  );
}

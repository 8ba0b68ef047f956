/** A picture of a result: fetched as data, shown from memory, with what was seen drawn over it. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { components } from "../../api/schema";
import { api, body } from "../../api/client";
import { said } from "./sightings";

export type Result = components["schemas"]["InferenceResult"];
type Data = components["schemas"]["Picture"];

/** An address for as long as the component is shown. */
export function useAddress(data: Data | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (data === undefined) {
      return undefined;
    }
    const bytes = Uint8Array.from(atob(data.content), (character) => character.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: data.contentType }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return address;
}

/** Asked for once it comes near the window: a page of results may have a hundred of them. */
export function Frame(props: { pipeline: string; instance: string; of: Result }): JSX.Element {
  const { of } = props;
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const [data, setData] = useState<Data>();
  const [failure, setFailure] = useState<string>();
  const [size, setSize] = useState<[number, number]>();
  const address = useAddress(data);
  useEffect(() => {
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && setNear(true), {
      rootMargin: "200px",
    });
    watch.observe(place.current as Element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (!near || !of.hasPicture) {
      return;
    }
    const path = { pipelineId: props.pipeline, instanceId: props.instance };
    body(api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}/results/picture", { params: { path, query: { item: of.item } } }))
      .then(setData)
      .catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
  }, [near, of.item]);
  return (
    <div ref={place} class="frame" aria-busy={near && of.hasPicture && address === undefined && failure === undefined}>
      {address === undefined ? (
        <p class="faint">{failure ?? (of.hasPicture ? "Loading the picture …" : "This item is no picture.")}</p>
      ) : (
        <>
          <img
            src={address}
            alt={`${nameOf(of.item)}: ${said(of)}`}
            onLoad={(event) => setSize([event.currentTarget.naturalWidth, event.currentTarget.naturalHeight])}
          />
          {size !== undefined && <Boxes of={of} width={size[0]} height={size[1]} />}
          {data?.madeFrom === "video" && <span class="made">a still, made again from the stream</span>}
        </>
      )}
    </div>
  );
}

/** Boxes in the picture's own pixels, so that they scale with it. */
function Boxes(props: { of: Result; width: number; height: number }): JSX.Element {
  const { width, height } = props;
  const letter = Math.max(width, height) / 24;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {props.of.sightings.map((seen, place) =>
        seen.box === undefined ? null : (
          <g key={place}>
            <rect
              x={seen.box.left * width}
              y={seen.box.top * height}
              width={seen.box.width * width}
              height={seen.box.height * height}
            />
            <text
              x={Math.max(0, seen.box.left * width)}
              y={Math.max(letter, seen.box.top * height - letter / 3)}
              font-size={letter}
            >
              {seen.label}
            </text>
          </g>
        ),
      )}
    </svg>
  );
}

/** The end of an address, which tells items of one place apart; of a fragment's number, its last digits. */
export function nameOf(item: string): string {
  const [place, mark] = item.split("#");
  const name = (place ?? item).split("/").pop() ?? item;
  return mark === undefined ? name : `${name} #${mark.replace(/^\d{12,}(?=\d{9}\+)/, "…")}`;
}

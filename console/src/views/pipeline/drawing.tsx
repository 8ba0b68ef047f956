/** A definition's picture: boxes that link to what they are of, with the status they have in the newest run. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Link } from "wouter-preact";
import { toInstance } from "../../parts/address";
import { markOf, toneOf } from "../../parts/status";
import { picture, type DefinitionObject, type Edge } from "./graph";

export interface Standing {
  instanceId: string;
  status: string;
}

export function Drawing(props: {
  pipeline: string;
  objects: readonly DefinitionObject[];
  standing: ReadonlyMap<string, Standing>;
}): JSX.Element {
  const found = useMemo(() => picture(props.objects), [props.objects]);
  return (
    <div class="scroll drawing" tabIndex={0} role="group" aria-label="Objects of the pipeline and how they depend on each other">
      <svg width={found.width} height={found.height} viewBox={`0 0 ${found.width} ${found.height}`}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" class="arrow" />
          </marker>
        </defs>
        {found.edges.map((edge) => (
          <path key={`${edge.from} ${edge.field} ${edge.to}`} d={line(edge)} class="edge" marker-end="url(#arrow)">
            <title>{`${edge.from} → ${edge.to} (${edge.field})`}</title>
          </path>
        ))}
        {found.nodes.map((node) => {
          const now = props.standing.get(node.id);
          const box = (
            <g transform={`translate(${node.x - node.width / 2} ${node.y - node.height / 2})`} class={`node ${now ? toneOf(now.status) : "off"}`}>
              <rect width={node.width} height={node.height} rx="7" />
              <text x="12" y="19" class="name">
                {now ? `${markOf(now.status)} ` : ""}
                {node.id}
              </text>
              <text x="12" y="36" class="type">
                {node.type}
              </text>
            </g>
          );
          return now === undefined ? (
            <g key={node.id}>{box}</g>
          ) : (
            <Link key={node.id} href={toInstance(props.pipeline, now.instanceId)} aria-label={`${node.id}: ${now.status}`}>
              {box}
            </Link>
          );
        })}
      </svg>
    </div>
  );
}

function line(edge: Edge): string {
  return edge.points.map((point, number) => `${number === 0 ? "M" : "L"}${point.x} ${point.y}`).join("");
}

"""Canvas: what Nginx serves it with, and how its browsers learn their environment.

Every build of Canvas is the same; what differs between environments it reads from `/env.json`.
"""

import json
from dataclasses import replace

from config.data import image, stores
from config.settings import Settings
from model.container import ConfigFile, FileMount, HttpProbe, Port, Probes, Resources, Sidecar
from model.scrape import METRICS_PORT
from model.spec import WorkloadSpec

_CONFIG = "/etc/nginx/conf.d"
_RUNTIME = "/usr/share/nginx/runtime"
_STATUS_PORT = 8081
EXPORTER = Port(name=METRICS_PORT, number=9113)
_SECONDS_A_DAY = 86400
# Where the image of Nginx for unprivileged users writes.
_WRITABLE = ("/tmp", "/var/cache/nginx")  # noqa: S108 - paths inside the container

_SITE = """server {{
  listen {port};
  server_tokens off;
  root /usr/share/nginx/html;

  gzip on;
  gzip_vary on;
  gzip_comp_level 6;
  gzip_min_length 1024;
  gzip_types text/css application/javascript application/json image/svg+xml font/woff2;

  location = /health {{ access_log off; default_type text/plain; return 200 "ok"; }}
  location = /health/ready {{ access_log off; default_type text/plain; return 200 "ok"; }}

  # What the environment decides; read again at every load of the page.
  location = /env.json {{
    root {runtime};
    add_header Cache-Control "no-store" always;
  }}

  # File names hold a digest of their content: they never change.
  location /assets/ {{
    add_header Cache-Control "public, max-age={seconds}, immutable";
    try_files $uri =404;
  }}

  location / {{
    add_header Cache-Control "no-cache" always;
    try_files $uri /index.html;
  }}
}}

# For the exporter in the same pod only.
server {{
  listen 127.0.0.1:{status};
  access_log off;
  location = /stub_status {{ stub_status; }}
}}
"""


def frontend(spec: WorkloadSpec, settings: Settings, app_env: str) -> WorkloadSpec:
    """`spec` with Nginx's site, the browsers' settings, and an exporter of Nginx's own metrics."""
    return replace(
        spec,
        config=(
            _mount(spec.name, "site", _CONFIG, "default.conf", _site(spec.ports[0].number)),
            _mount(spec.name, "runtime", _RUNTIME, "env.json", _browser_settings(settings, app_env)),
        ),
        scratch=_WRITABLE,
        sidecars=(_exporter(settings),),
    )


def _mount(owner: str, part: str, path: str, file: str, text: str) -> FileMount:
    return FileMount(name=f"{owner}-{part}", path=path, files=(ConfigFile(name=file, text=text),))


def _site(port: int) -> str:
    seconds = stores().canvas.static_max_age_days * _SECONDS_A_DAY
    return _SITE.format(port=port, runtime=_RUNTIME, seconds=seconds, status=_STATUS_PORT)


def _browser_settings(settings: Settings, app_env: str) -> str:
    sentry = settings.sentry
    found = {
        "environment": app_env,
        "release": f"axiom-canvas@{settings.images.app_version}",
        "sentryDsn": sentry.canvas_dsn if sentry.enabled else None,
    }
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _exporter(settings: Settings) -> Sidecar:
    probe = HttpProbe(path="/metrics", port=EXPORTER.name)
    return Sidecar(
        name="nginx-exporter",
        image=image("nginx-exporter", settings.images),
        user=65534,
        args=(
            f"--nginx.scrape-uri=http://127.0.0.1:{_STATUS_PORT}/stub_status",
            f"--web.listen-address=:{EXPORTER.number}",
        ),
        ports=(EXPORTER,),
        resources=Resources(cpu="10m", memory="24Mi", memory_limit="64Mi"),
        probes=Probes(readiness=probe, liveness=replace(probe, period=30)),
    )

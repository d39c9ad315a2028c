"""Services whose reports are paid: FastAPI behind uvicorn, Django by WSGI. Report 0 fails, 1 answers 404, 2 redirects, 3 is created."""

from __future__ import annotations

import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
import uvicorn
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import clear_url_caches, path
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import RedirectResponse, StreamingResponse

import lntpay.django
import lntpay.fastapi
from lntpay import AsyncLNTPay, LNTPay

from world import free_port, until

served: list[str] = []


def fastapi_app(**terms: Any) -> FastAPI:
    app = FastAPI()
    app.add_middleware(lntpay.fastapi.PaidMiddleware)

    @app.api_route("/reports/{number}", methods=["GET", "HEAD", "POST", "OPTIONS"], dependencies=[lntpay.fastapi.paid(**terms)])
    async def report(number: int) -> Any:
        served.append(f"/reports/{number}")
        if number == 0:
            raise RuntimeError("Report 0 fails.")
        if number == 1:
            raise HTTPException(404)
        if number == 2:
            return RedirectResponse("/reports/7")
        if number == 3:
            return RedirectResponse("https://files.example/signed?3")
        if number == 4:
            return Response("no", status_code=422)
        if number == 5:
            return StreamingResponse(iter([b"a", b"b"]))
        return {"report": number}

    @app.get("/free")
    async def free() -> dict[str, str]:
        return {"report": "free"}

    return app


class Uvicorn:
    def __init__(self, app: FastAPI) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="critical"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started, "uvicorn is ready")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def _report(number: int) -> HttpResponse:
    served.append(f"/reports/{number}")
    if number == 0:
        raise RuntimeError("Report 0 fails.")
    if number == 1:
        return HttpResponse("none", status=404)
    if number == 2:
        return HttpResponseRedirect("/reports/7")
    if number == 3:
        return HttpResponseRedirect("https://files.example/signed?3")
    return JsonResponse({"report": number})


urlpatterns: list[Any] = []


def set_up_django(client: LNTPay, asynchronous: AsyncLNTPay) -> None:
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF="services", SECRET_KEY="test", LOGGING_CONFIG=None)
        django.setup()
    clear_url_caches()

    @lntpay.django.paid(price=21, client=client)
    def report(request: HttpRequest, number: int) -> HttpResponse:
        return _report(number)

    @lntpay.django.paid(price=21, client=asynchronous)
    async def report_async(request: HttpRequest, number: int) -> HttpResponse:
        return _report(number)

    urlpatterns[:] = [path("reports/<int:number>", report), path("async/<int:number>", report_async)]


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Wsgi:
    def __init__(self) -> None:
        self._server: WSGIServer = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()



"""Codes and certificates in a real browser: at the dealer's, and at the kiosk."""

from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from edge_gateway import certificates
from tests.pages.browser import Tab
from tests.pages.cloud_program import ANSWER_S, EMAIL, PASSWORD, running_cloud
from tests.pages.kiosk_program import running_kiosk
from tests.pages.test_people_pages import sign_in

CODE = "(document.querySelector('.pb-enrol-code') || {}).innerText"


@pytest.fixture
def tab(tab: Tab) -> Iterator[Tab]:
    """A tab in which nothing may go wrong, on a phone."""
    yield tab
    assert tab.overflow() == 0
    assert tab.errors == []


def test_a_gateway_joins_while_the_dealer_looks_on(tab: Tab, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_cloud(tmp_path_factory.mktemp("devices")) as cloud:
        sign_in(tab, cloud, EMAIL, PASSWORD)
        tab.open(f"{cloud}/gateways?find=%E5%9F%8E%E4%B8%9C")
        tab.press("入网")
        tab.press("生成入网码")
        tab.wait(f"Boolean({CODE})", "the code")
        tab.wait_text("还有 14 分")
        code = tab.evaluate(CODE)
        body = b64encode(certificates.new_request(certificates.new_key(), ""))
        with httpx.Client(base_url=cloud, timeout=ANSWER_S) as gateway:
            assert gateway.post("/.well-known/est/simpleenroll", content=body, auth=("", code)).status_code == 200
            tab.wait_text("网关已入网")
            assert gateway.post("/.well-known/est/simpleenroll", content=body[:-4], auth=("", code)).status_code == 422
            again = b64encode(certificates.new_request(certificates.new_key(), ""))
            assert gateway.post("/.well-known/est/simpleenroll", content=again, auth=("", code)).status_code == 401
        tab.open(f"{cloud}/devices?shop=shop-1")
        for words in ("gw-1", "有效到", "拒绝入网码", "found one that was used"):
            tab.wait_text(words)
        tab.press("吊销")
        tab.wait_text("从下一次请求起它就会被拒绝")
        tab.evaluate("document.querySelector('.pb-dialog .is-danger').click()")
        tab.wait_text("以前的证书 1 张")
        tab.open(f"{cloud}/audit?lang=en")
        tab.wait_text("Device's certificate revoked")


def test_who_restocks_gets_a_code_and_a_mechanic_does_not(tab: Tab, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_kiosk(tmp_path_factory.mktemp("kiosk")) as (kiosk, shop):
        tab.open(f"{kiosk}/status")
        tab.press("货柜证书")
        tab.wait_text("一号柜")
        tab.press("入网")
        tab.wait_text("请补货员或店主先刷卡")
        assert shop.identity.shop.register.open_code("cab-2", shop.now_ms()) is None
        shop.opened_by("p-zhou")
        tab.open(f"{kiosk}/certificates")
        tab.wait_text("周师傅")
        tab.press("入网")
        tab.wait(f"Boolean({CODE})", "the code")
        tab.wait_text("由 周师傅 要求")
        tab.wait_text("还有 14 分")
        tab.wait_text(shop.identity.shop.shown_fingerprint()[:9])
        request = certificates.new_request(certificates.new_key(), "cab-2")
        shop.identity.shop.enrol(tab.evaluate(CODE), request, "192.168.1.30")
        tab.wait_text("货柜已入网")

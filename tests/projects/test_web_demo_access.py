"""The web demo in a real browser: phone, keyboard, errors, leaving, other users."""

from pathlib import Path

from .web_demo_browser import LENGTH, MARKS, OPEN, PHONE, Visitor, browser, clip, expect, server, thing_of, user, visit  # noqa: F401
from .web_demo_server import wait_for

pytestmark = MARKS


def test_what_is_refused_is_said_and_nothing_is_lost(user: Visitor, clip: tuple, tmp_path: Path) -> None:
    user.click(thing_of(clip))
    expect(user['#objects li']).to_have_count(1)
    for name, content, message in (
        ('notes.txt', b'hello', 'notes.txt is not a supported video'),
        ('fake.mp4', b'hello', 'fake.mp4 has the suffix of a video but other content'),
        ('big.mp4', bytes(1_100_000), 'big.mp4 has 1.1 MB; the limit is 1 MB'),
    ):
        (tmp_path / name).write_bytes(content)
        user['#upload'].set_input_files(tmp_path / name)
        expect(user['#message']).to_contain_text(message)
    assert user.dialogs == ['confirm'] * 3  # the clip has prompts that are not saved
    expect(user['#objects li']).to_have_count(1)
    user.pick('Box')
    user.drag([20, 20], [20, 20])
    expect(user['#message']).to_contain_text('This box is empty')


def test_leaving_is_asked_only_with_something_to_lose(visit: OPEN, clip: tuple) -> None:
    user, saved = visit(), visit()
    user.upload(clip[0])
    user.click(thing_of(clip))
    expect(user['#objects li']).to_have_count(1)
    assert user.leave() == ['beforeunload']
    saved.upload(clip[0], None)
    saved.page.select_option('#task', 'vss')
    saved.run()
    with saved.page.expect_download():
        saved['#download-masks'].click()
    expect(saved['#download-masks']).to_be_enabled()
    assert saved.leave() == []


def test_drawing_with_the_keyboard(user: Visitor, server: tuple) -> None:
    keys = user.page.keyboard
    user['#play'].focus()
    keys.press('Shift+Tab')
    while not user['#canvas:focus'].count():
        keys.press('Shift+Tab')
    expect(user['#announcer']).to_contain_text('x 80, y 48')
    keys.press('ArrowRight')
    keys.press('Shift+ArrowUp')
    expect(user['#announcer']).to_contain_text('x 83, y 47')
    keys.press('Enter')
    expect(user['#announcer']).to_contain_text('Positive point for object 1 in frame 0.')
    keys.press('ArrowDown')
    keys.press('Shift+Enter')
    expect(user['#announcer']).to_contain_text('Negative point for object 1 in frame 0.')
    keys.press('.')
    expect(user['#frame-number']).to_have_text(f'1 / {LENGTH - 1}')
    keys.press(',')
    [session] = [one for one in server[1].store.all() if one.work and len(one.work.history.current.prompts) == 2]
    positive, negative = session.work.history.current.prompts
    assert (positive.points, positive.positive) == (((83, 47),), True)
    assert (negative.points, negative.positive) == (((83, 50),), False)
    assert user['#canvas'].evaluate('canvas => getComputedStyle(canvas).outlineStyle') == 'solid'
    user['[name=tool][value=box]'].check(force=True)
    user['#canvas'].focus()
    for key in ('Enter', 'ArrowRight', 'ArrowDown', 'Enter'):
        keys.press(key)
    expect(user['#announcer']).to_contain_text('Box for object 1 in frame 0.')


def test_on_a_phone(visit: OPEN, clip: tuple) -> None:
    user = visit(PHONE)
    assert user['body'].evaluate('body => getComputedStyle(body).backgroundColor') == 'rgb(22, 28, 34)'  # dark
    user.upload(clip[0])
    user.page.touchscreen.tap(*user.at(thing_of(clip)))
    expect(user['#objects .where']).to_have_text('1 prompt')
    user.run()
    canvas, panel = user['#canvas'].bounding_box(), user['#panel'].bounding_box()
    assert canvas['y'] < 60 and canvas['width'] >= 380 and panel['y'] > canvas['y'] + canvas['height']
    assert user['html'].evaluate('html => html.scrollWidth') == 390
    small = user.page.evaluate(
        """() => [...document.querySelectorAll('button, select, .button, .choice label, input:not([type=file])')]
        .map(one => one.closest('label') ?? one).map(one => [one.id || one.textContent, one.getBoundingClientRect()])
        .filter(([, box]) => box.width && Math.min(box.width, box.height) < 43.5).map(([name]) => name)"""
    )
    assert small == []
    unnamed = user.page.evaluate(
        """() => [...document.querySelectorAll('input, select, button')].filter(one => !one.labels?.length
        && !one.ariaLabel && !one.textContent.trim()).map(one => one.outerHTML)"""
    )
    assert unnamed == []


def test_two_users_do_not_see_each_other_and_leave_nothing(visit: OPEN, server: tuple, clip: tuple) -> None:
    store = server[1].store
    wait_for(lambda: len(store) == 0)  # pages of the tests before said good-bye
    first, second = visit(), visit()
    first.upload(clip[0])
    first.click([80, 50])
    expect(first['#objects li']).to_have_count(1)
    expect(second['#empty']).to_be_visible()
    second.page.get_by_role('button', name='Shapes 1').click()
    expect(second['#clip-hint']).to_contain_text('Shapes 1: 30 frames')
    expect(second['#objects li']).to_have_count(0)
    assert len(list(store.root.iterdir())) == 2
    first.leave()
    wait_for(lambda: len(list(store.root.iterdir())) == 1)
    second.page.get_by_role('button', name='Shapes 2').click()  # goes on as if nothing had been
    expect(second['#clip-hint']).to_contain_text('Shapes 2: 30 frames')
    second.page.goto('about:blank')
    wait_for(lambda: list(store.root.iterdir()) == [])


def test_quick_clicks_refine_one_object(user: Visitor, clip: tuple) -> None:
    for _ in range(3):
        user.click(thing_of(clip))
    expect(user['#objects .where']).to_have_text('3 prompts')

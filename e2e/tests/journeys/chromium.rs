//! What only Chromium can measure.

use e2e::{EMAIL, journey};

#[tokio::test]
async fn the_layout_does_not_shift_when_the_app_mounts() {
    journey(async |world| {
        for width in [390, 1100] {
            world.browser.set_width(width).await;
            world.app().open().await;
            world.app().offers_to_sign_in().await;
            assert_eq!(world.browser.layout_shift().await, 0.0, "signed out");
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            assert_eq!(world.browser.layout_shift().await, 0.0, "coming back");
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
            assert_eq!(world.browser.layout_shift().await, 0.0, "signed in");
            world.app().sign_out().await;
        }
        // The measurement works: it reports a shift.
        world.app().offers_to_sign_in().await;
        let shift = "await new Promise(done => setTimeout(done, 1000));
            document.querySelector('main').style.marginTop = '20rem'";
        world.browser.run(shift).await;
        assert!(world.browser.layout_shift().await > 0.0);
    })
    .await;
}

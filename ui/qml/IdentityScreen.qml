pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

// Who is the patient? What a card or a code says is compared and chosen; without either the traits are typed.
ScreenFrame {
    id: screen
    property bool typed: Booth.identity.card === "none"
    readonly property var candidates: Booth.identity.candidates
    readonly property string mode: candidates.length > 0 ? "choose" : Booth.identity.codeCamera ? "code" : typed ? "typed" : Booth.identity.card === "reading" ? "reading" : "card"
    readonly property bool again: Booth.identity.asksAgain
    title: mode === "choose" ? Say.t(candidates.length > 1 ? "identity-choose-many" : "identity-choose") : Say.t(again ? "identity-again" : "identity")
    line: mode === "choose" ? Say.t("identity-choose-line") : again ? Say.t("identity-again-line") : mode === "typed" ? Say.t("identity-line") : ""
    spacing: 12

    onModeChanged: if (mode === "typed") form.start()
    Component.onCompleted: if (mode === "typed") form.start()

    body: Item {
        anchors.fill: parent
        IdentityForm {
            id: form
            anchors.fill: parent
            visible: screen.mode === "typed"
        }
        Candidates {
            anchors.fill: parent
            visible: screen.mode === "choose"
            candidates: screen.candidates
        }
        Loader {
            anchors.fill: parent
            active: screen.mode === "code"
            visible: active
            sourceComponent: CodeCamera {}
        }
        Centered {
            objectName: "identityCard"
            readonly property string text: title
            visible: screen.mode === "card" || screen.mode === "reading"
            icon: "card"
            title: Say.t(screen.mode === "reading" ? "identity-reading" : "identity-card")
            line: Say.t(screen.mode === "reading" ? "identity-reading-line" : Booth.identity.code === "none" ? "identity-card-line" : "identity-card-line-camera")
        }
    }
    actions: [
        BigButton {
            objectName: "identityCancel"
            kind: "quiet"
            text: Say.t("cancel")
            onClicked: {
                if (screen.again)
                    Booth.identity.askAgain(false)
                else
                    Booth.end()
            }
        },
        BigButton {
            visible: screen.mode === "choose" && !screen.again
            objectName: "identityDismiss"
            kind: "quiet"
            text: Say.t(screen.candidates.length > 1 ? "identity-dismiss-many" : "identity-dismiss")
            onClicked: Booth.identity.dismiss()
        },
        BigButton {
            visible: Booth.identity.code !== "none" && screen.mode !== "choose"
            objectName: "identityCode"
            kind: "quiet"
            icon_: screen.mode === "code" ? "camera-off" : "camera"
            text: Say.t(screen.mode === "code" ? "code-close" : "code-open")
            onClicked: Booth.identity.readCode(screen.mode !== "code")
        },
        BigButton {
            visible: screen.mode === "code" || Booth.identity.card !== "none" && screen.mode !== "choose"
            objectName: "identityTyped"
            kind: "quiet"
            text: Say.t(screen.mode === "typed" ? "identity-with-card" : "identity-without-card")
            onClicked: {
                screen.typed = screen.mode !== "typed"
                if (screen.mode === "code")
                    Booth.identity.readCode(false)
            }
        },
        Txt {
            objectName: "identityError"
            Layout.fillWidth: true
            text: form.wrong === "" ? "" : form.wrong === "agent-gone" ? Say.t("agent-gone") : Say.t(form.wrong)
            color: Theme.stop
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignRight
            Accessible.role: Accessible.AlertMessage
        },
        BigButton {
            visible: screen.mode === "typed"
            objectName: "identityConfirm"
            kind: "primary"
            icon_: "check"
            text: Say.t("identity-confirm")
            onClicked: form.confirm()
        }
    ]
}

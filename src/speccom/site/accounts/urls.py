"""The addresses of signing in, of accounts and of people; each view states who may open it."""

from django.urls import path

from speccom.site.accounts.views import account, people, signing_in

urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", signing_in.second_factor, name="second_factor"),
    path("sign-in/set-up/", signing_in.set_up_second_factor, name="set_up_second_factor"),
    path("sign-in/organisation/", signing_in.sign_in_organisation, name="sign_in_organisation"),
    path(
        "sign-in/organisation/back/", signing_in.sign_in_organisation_back, name="sign_in_organisation_back"
    ),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("invitations/<str:token>/", signing_in.invitation, name="invitation"),
    path("workspace/", account.workspace, name="workspace"),
    path("account/", account.account, name="account"),
    path("account/password/", account.change_password, name="change_password"),
    path("account/email/", account.email_notices, name="email_notices"),
    path("account/recovery-codes/", account.recovery_codes, name="recovery_codes"),
    path("account/tokens/", account.token_list, name="tokens"),
    path("account/tokens/<int:number>/end/", account.end_token, name="end_token"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/anew/", people.anew, name="anew"),
    path("people/<int:number>/close/", people.close_account, name="close_account"),
    path("people/<int:number>/open/", people.open_account, name="open_account"),
    path("people/roles/<int:number>/end/", people.end_role, name="end_role"),
    path("people/invitations/<int:number>/", people.invitation, name="invitation_given"),
    path("people/invitations/<int:number>/withdraw/", people.withdraw, name="withdraw"),
    path("api/v1/me", account.me, name="me"),
]

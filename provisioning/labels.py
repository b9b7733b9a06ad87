"""What provisioning's keys are called in words, for staff."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.failures import Failure, register_failures
from hostbill.core.labels import ACT, CALL, EVENT, FIELD, HANDLER, JOB, register_labels

register_labels(
    ACT,
    {
        "provisioning.account_attached": _("Account attached"),
        "provisioning.attention_cleared": _("Looked at"),
        "provisioning.change_plan_done": _("Plan changed"),
        "provisioning.change_plan_failed": _("Change of plan failed"),
        "provisioning.change_plan_requested": _("Change of plan begun"),
        "provisioning.create_done": _("Set up"),
        "provisioning.create_failed": _("Set-up failed"),
        "provisioning.create_requested": _("Set-up begun"),
        "provisioning.domain_taken_over": _("Domain taken over from the server"),
        "provisioning.drift_mended": _("Difference mended"),
        "provisioning.group_changed": _("Server group changed"),
        "provisioning.group_created": _("Server group made"),
        "provisioning.logged_in": _("Logged in to the panel"),
        "provisioning.login_refused": _("Login to the panel refused"),
        "provisioning.operation_cancelled": _("Operation cancelled"),
        "provisioning.operation_retried": _("Operation tried again"),
        "provisioning.plan_taken_over": _("Plan taken over from the server"),
        "provisioning.relocate_done": _("Gone over to another server"),
        "provisioning.relocate_failed": _("Move not booked: not found there"),
        "provisioning.relocate_requested": _("Move to another server looked up"),
        "provisioning.remove_old_done": _("Old account deleted"),
        "provisioning.remove_old_failed": _("Deleting the old account failed"),
        "provisioning.remove_old_requested": _("Deleting the old account begun"),
        "provisioning.resume_done": _("Resumed"),
        "provisioning.resume_failed": _("Resuming failed"),
        "provisioning.resume_requested": _("Resuming begun"),
        "provisioning.server_changed": _("Server changed"),
        "provisioning.server_created": _("Server made"),
        "provisioning.server_deleted": _("Server deleted"),
        "provisioning.server_reopened": _("Server open again"),
        "provisioning.server_stopped": _("Calls to the server stopped"),
        "provisioning.service_created": _("Service made"),
        "provisioning.service_handed_over": _("Service handed over"),
        "provisioning.service_delivered": _("Service delivered by hand"),
        "provisioning.service_dropped": _("Service dropped"),
        "provisioning.service_revived": _("Dropped service waits again"),
        "provisioning.service_moved": _("Service moved"),
        "provisioning.set_password_done": _("Password set"),
        "provisioning.set_password_failed": _("Setting the password failed"),
        "provisioning.set_password_requested": _("Setting the password begun"),
        "provisioning.setup_started": _("Set-up started"),
        "provisioning.suspend_done": _("Suspended"),
        "provisioning.suspend_failed": _("Suspending failed"),
        "provisioning.suspend_requested": _("Suspending begun"),
        "provisioning.sync_done": _("Read from the panel"),
        "provisioning.sync_failed": _("Reading from the panel failed"),
        "provisioning.sync_requested": _("Reading from the panel begun"),
        "provisioning.terminate_done": _("Terminated"),
        "provisioning.terminate_failed": _("Terminating failed"),
        "provisioning.terminate_requested": _("Terminating begun"),
        "provisioning.termination_ordered": _("Termination ordered"),
    },
)
register_labels(
    EVENT,
    {
        "provisioning.operation_failed": _("Operation failed"),
        "provisioning.operation_in_doubt": _("Operation in doubt"),
        "provisioning.operation_settled": _("Operation ended"),
        "provisioning.server_stopped": _("Server refuses our login"),
        "provisioning.servers_full": _("Servers full"),
        "provisioning.service_ready": _("Service ready"),
        "provisioning.service_relocated": _("Service on another server"),
        "provisioning.service_resumed": _("Service resumed"),
        "provisioning.service_suspended": _("Service suspended"),
        "provisioning.service_terminated": _("Service terminated"),
        "provisioning.service_to_align": _("Service may go on"),
        "provisioning.slot_freed": _("Room on a server"),
    },
)
register_labels(
    HANDLER,
    {
        "provisioning.align_on_operation_settled": _("Look what the service needs next"),
        "provisioning.align_on_service_to_align": _("Let the service go on"),
        "provisioning.align_on_subscription": _("Follow the subscription on the server"),
        "provisioning.hand_over_on_subscription_transferred": _("Give the service to its new client"),
        "provisioning.create_service_on_subscription_created": _("Make the service"),
        "provisioning.follow_on_subscription_changed": _("Follow a change of plan or domain"),
        "provisioning.align_on_order_reopened": _("Let dropped services of a reopened order wait again"),
        "provisioning.align_on_subscription_changed": _("Bring a changed plan or changed options to the panel"),
        "provisioning.follow_on_service_relocated": _("Suspend on the new server what is suspended"),
        "provisioning.tell_client_on_service_relocated": _("Mail the new addresses"),
        "provisioning.tell_staff_on_operation_failed": _("Tell staff about a failed operation"),
        "provisioning.tell_staff_on_operation_in_doubt": _("Tell staff about an operation in doubt"),
        "provisioning.tell_staff_on_server_stopped": _("Tell staff that a server refuses our login"),
        "provisioning.tell_staff_on_servers_full": _("Tell staff that servers are full"),
        "provisioning.wake_waiting_on_slot_freed": _("Set up who waited for room"),
        "provisioning.welcome_on_service_ready": _("Mail the welcome"),
    },
)
register_labels(
    JOB,
    {
        "provisioning.align_all": _("Compare services with what is paid for"),
        "provisioning.end_grace": _("Delete ended accounts after their days of grace"),
        "provisioning.retry_waiting": _("Set up services that waited for room"),
        "provisioning.watch_unknown": _("Watch panel calls without an answer"),
        "provisioning.test_servers": _("Ask each server whether it is well"),
        "provisioning.sync_usage": _("Measure disk and traffic"),
        "provisioning.compare_accounts": _("Compare accounts on the servers with the books"),
    },
)
register_labels(CALL, {"provisioning.operation": _("Call a server's panel")})
register_failures(
    {
        "domain_taken": Failure(
            _("The domain is already on the server, under another account."),
            _("Nothing was made."),
            _("Remove it there or give the service another domain; then try again."),
        ),
        "username_taken": Failure(
            _("The user name is taken on the server."), "", _("Try again: another one is drawn.")
        ),
        "bad_username": Failure(
            _("The server does not accept the user name."), "", _("Try again: another one is drawn.")
        ),
        "weak_password": Failure(_("The server finds the password too weak."), "", _("Set a longer one.")),
        "plan_missing": Failure(
            _("The panel has no plan of this name."),
            "",
            _("Correct the plan's name at the product, or make it in the panel."),
        ),
        "server_full": Failure(
            _("The server or its licence takes no more accounts."),
            "",
            _("Connect another server or raise the licence."),
        ),
        "missing": Failure(
            _("There is no such account on the server any more."), "", _("Set it up again, or end the service.")
        ),
        "domain_mismatch": Failure(
            _("The account on the server serves another domain."),
            _("Nothing was touched: it may be somebody else's."),
            _("Look at the account in the panel and correct the domain where it is wrong."),
        ),
        "suspended_elsewhere": Failure(
            _("Somebody suspended the account in the panel."),
            _("It was not lifted: there may be a reason."),
            _("Ask who did it."),
        ),
        "licence": Failure(_("The panel's licence has ended."), "", _("Renew it; then let the calls go on.")),
        "not_applied": Failure(_("The server said yes, but nothing changed."), _("It is tried again by itself.")),
        "invalid": Failure("", "", _("Correct what it names, then try again.")),
    }
)
register_labels(
    FIELD,
    {
        "provisioning.attention": _("Needs a look"), "provisioning.bears_id": _("Marked with our number"),
        "provisioning.cancelled_at": _("Given up"), "provisioning.cancelled_setup": _("Cancelled before set-up"),
        "provisioning.client": _("Client"), "provisioning.done_at": _("Done at"), "provisioning.error": _("Error"),
        "provisioning.error_code": _("Code of the error"),
        "provisioning.error_permanent": _("Trying again cannot help"),
        "provisioning.external_id": _("Number at the panel"), "provisioning.failed_at": _("Failed at"),
        "provisioning.full_alerted_at": _("Told that it is full"), "provisioning.full_since": _("Full since"),
        "provisioning.group": _("Server group"), "provisioning.health": _("Health"),
        "provisioning.holds_slot": _("Takes a place"), "provisioning.intent_at": _("Asked"),
        "provisioning.last_error": _("Last error"), "provisioning.last_error_at": _("Last error at"),
        "provisioning.last_ok_at": _("Answered last"), "provisioning.left_at": _("Left at"),
        "provisioning.limits": _("Limits"), "provisioning.live_at": _("Online since"),
        "provisioning.missing_rights": _("Missing rights"), "provisioning.next_try_at": _("Next try"),
        "provisioning.note": _("Note"), "provisioning.params": _("Details"), "provisioning.password": _("Password"),
        "provisioning.plan_override": _("Plan of its own"), "provisioning.reason": _("Reason"),
        "provisioning.remote_id": _("Number on the server"), "provisioning.removed_at": _("Removed at"),
        "provisioning.requested_by": _("Requested by"), "provisioning.round": _("Round"),
        "provisioning.running_at": _("Began"), "provisioning.server": _("Server"),
        "provisioning.service": _("Service"), "provisioning.setting_up_at": _("Set-up began"),
        "provisioning.staff_started_at": _("Begun by staff"), "provisioning.state": _("State"),
        "provisioning.stopped_since": _("Stopped since"), "provisioning.subscription": _("Subscription"),
        "provisioning.suspend_reason": _("Reason of the suspension"), "provisioning.suspended_at": _("Suspended"),
        "provisioning.suspended_elsewhere": _("Suspended on the server"),
        "provisioning.terminate_after": _("Deleted after"), "provisioning.terminated_at": _("Deleted"),
        "provisioning.usage": _("Usage"), "provisioning.usage_at": _("Measured"),
        "provisioning.usernames_tried": _("Usernames tried"), "provisioning.verb": _("What is done"),
        "provisioning.version": _("Version"), "provisioning.wait_reason": _("Waits because"),
        "provisioning.mend": _("How it was mended"),
    },
)  # fmt: skip
